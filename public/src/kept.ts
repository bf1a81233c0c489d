/** What this browser keeps between visits. Storage can be forbidden or full; then a thing lasts as long as the page. */
export function loadKept(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

export function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // As above.
  }
}

/** The members of a stored object; none where something else was stored. */
export function keptMembers(value: unknown): [name: string, member: unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** The strings of a stored list, at most `limit`. */
export function keptStrings(value: unknown, limit: number): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').slice(0, limit) : [];
}
