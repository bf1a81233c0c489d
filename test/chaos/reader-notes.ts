import { now } from './active-file.ts';
import type { Frame } from './frames.ts';
import { fetchFrames } from './http-frames.ts';
import { hashOf } from './line-maker.ts';
import type { ReaderEntry, ReaderRecord } from './record.ts';

const AGAIN_MS = 50;

/** What one reader was given, as it goes into its record. */
export class ReaderNotes {
  readonly who: string;
  readonly url: string;
  readonly entries: ReaderEntry[] = [];
  readonly #hashes = new Set<string>();
  readonly #ranges: Promise<void>[] = [];
  readonly #kind: ReaderRecord['kind'];
  isOver = false;

  constructor(who: string, url: string, kind: ReaderRecord['kind'] = 'follow') {
    this.who = who;
    this.url = url;
    this.#kind = kind;
  }

  get record(): ReaderRecord {
    return { who: this.who, kind: this.#kind, entries: this.entries };
  }

  has(hash: string): boolean {
    return this.#hashes.has(hash);
  }

  /** `asked`: the id that the reader came with. */
  take({ type, id, data }: Frame, asked: string): void {
    const at = now();
    if (type === 'message') {
      const hash = hashOf(data);
      this.#hashes.add(hash);
      this.entries.push({ what: 'line', at, hash, begins: data.slice(0, 40) });
    } else if (type === 'feed.open') {
      this.entries.push({ what: 'open', at, start: String(JSON.parse(data).start), asked });
    } else if (type === 'feed.gap') {
      const { reason, bytes, since, until } = JSON.parse(data);
      this.entries.push({ what: 'gap', at, reason, bytes, hasId: id !== undefined });
      if (reason === 'late') this.#ranges.push(this.#fetchRange(since, until));
    } else {
      this.entries.push({ what: 'notice', at, type });
    }
  }

  broken(why: string): void {
    this.entries.push({ what: 'broken', at: now(), why });
  }

  /** Resolves when the ranges of all late gaps have been fetched. */
  async settled(): Promise<void> {
    await Promise.all(this.#ranges);
  }

  async #fetchRange(since: string, until: string): Promise<void> {
    const url = `${this.url}?since=${since}&until=${until}`;
    let frames = await fetchFrames(url);
    while (frames === undefined && !this.isOver) {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      frames = await fetchFrames(url);
    }
    const lines = (frames ?? []).filter(({ type }) => type === 'message');
    const hasGap = frames?.some(({ type }) => type === 'feed.gap') === true;
    this.entries.push({ what: 'late', at: now(), hasGap, hashes: lines.map(({ data }) => hashOf(data)) });
  }
}
