import { keep, keptMembers, loadKept } from '../kept.ts';

/** Where a reader was in a feed when it was last open. */
export interface Seen {
  readonly atMs: number;
  /** How long the feed was then. */
  readonly bytes: number;
  /** The place behind the last line that had come. */
  readonly cursor: string;
}

const KEY = 'livefeed.seen';
/** Beyond so many feeds those that were seen longest ago are forgotten. */
const MAX_FEEDS = 500;

/** Up to where each feed was read, kept in this browser. */
export class LastSeen {
  #seen = parseSeen(loadKept(KEY));

  of(name: string): Seen | undefined {
    return this.#seen.get(name);
  }

  put(name: string, seen: Seen): void {
    // Another tab may have kept others meanwhile.
    this.#seen = newest(new Map([...parseSeen(loadKept(KEY)), ...this.#seen, [name, seen]]));
    keep(KEY, Object.fromEntries(this.#seen));
  }
}

/** What was stored, as far as it is valid. */
export function parseSeen(stored: unknown): Map<string, Seen> {
  return new Map(
    keptMembers(stored).flatMap(([name, value]): [string, Seen][] => {
      const { atMs, bytes, cursor } = (value ?? {}) as Record<string, unknown>;
      if (typeof atMs !== 'number' || typeof bytes !== 'number' || typeof cursor !== 'string') return [];
      return [[name, { atMs, bytes, cursor }]];
    }),
  );
}

function newest(seen: Map<string, Seen>): Map<string, Seen> {
  if (seen.size <= MAX_FEEDS) return seen;
  return new Map([...seen].sort(([, a], [, b]) => b.atMs - a.atMs).slice(0, MAX_FEEDS));
}
