/** A feed as the service lists it; docs/protocol.md has the units. */
export interface FeedEntry {
  readonly name: string;
  readonly source: string;
  readonly detail?: string;
  readonly bytes: number;
  readonly rate: number | null;
  readonly bytesPerSecond: number | null;
  readonly readers: number;
  readonly lastEventAt: string | null;
  readonly watch?: { readonly by: string; readonly why?: string };
}

/** The entry, or undefined where `value` is none. Figures that are missing are zero: a list without rates is still a list. */
export function parseEntry(value: unknown): FeedEntry | undefined {
  const entry = value as Partial<FeedEntry> | null | undefined;
  if (typeof entry?.name !== 'string' || entry.name === '') return undefined;
  return {
    name: entry.name,
    source: typeof entry.source === 'string' ? entry.source : 'file',
    ...(typeof entry.detail === 'string' ? { detail: entry.detail } : {}),
    bytes: entry.bytes ?? 0,
    rate: entry.rate ?? null,
    bytesPerSecond: entry.bytesPerSecond ?? null,
    readers: entry.readers ?? 0,
    lastEventAt: entry.lastEventAt ?? null,
    ...(entry.watch === undefined ? {} : { watch: entry.watch }),
  };
}
