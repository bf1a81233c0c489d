/**
 * The names that hold all characters of `query` in order, best first: whole stretches before scattered letters, starts of
 * segments before middles, short names before long ones.
 */
export function findNames(names: readonly string[], query: string): string[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return [...names];
  return names
    .map((name) => ({ name, score: scoreOf(name.toLowerCase(), wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.name.length - b.name.length)
    .map(({ name }) => name);
}

function scoreOf(name: string, wanted: string): number {
  const at = name.indexOf(wanted);
  if (at >= 0) return 3 + Number(isStart(name, at)) + Number(name.length - at === wanted.length);
  let from = 0;
  for (const character of wanted) {
    const next = name.indexOf(character, from);
    if (next < 0) return 0;
    from = next + 1;
  }
  return 1;
}

function isStart(name: string, at: number): boolean {
  return at === 0 || '/._-'.includes(name[at - 1] ?? '');
}
