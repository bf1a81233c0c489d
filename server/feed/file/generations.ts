import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Generation, isMissing, openGeneration } from './generation.ts';

/** Replaced files that are kept open for readers who are still in them. */
const MAX_KEPT = 8;

/** The identities that a path has had while somebody reads it, oldest first. Ordinals count up and are never used again. */
export class Generations {
  readonly #path: string;
  #list: Generation[] = [];
  #ordinal = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get newest(): Generation | undefined {
    return this.#list.at(-1);
  }

  /** The generations whose content can still be read, the oldest first, without a hole between them. */
  get readable(): readonly Generation[] {
    const lost = this.#list.findLastIndex((generation) => generation.fate !== 'readable');
    return this.#list.slice(lost + 1);
  }

  get(ordinal: number): Generation | undefined {
    return this.#list.find((generation) => generation.ordinal === ordinal);
  }

  after(ordinal: number): Generation | undefined {
    return this.#list.find((generation) => generation.ordinal > ordinal);
  }

  /** Opens what the path names now, without making it a generation yet; undefined where there is nothing to read. */
  async open(): Promise<Generation | undefined> {
    const opened = await openGeneration(this.#ordinal + 1, this.#path);
    if (opened !== undefined) this.#ordinal += 1;
    return opened;
  }

  /** What the path names now; undefined where there is nothing. */
  async statPath(): Promise<BigIntStats | undefined> {
    try {
      return await stat(this.#path, { bigint: true });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async add(generation: Generation): Promise<void> {
    this.#list.push(generation);
    while (this.#list.length > MAX_KEPT) await this.#drop(this.#list[0] as Generation);
  }

  /** The content of `generation` is no longer what it was: what the file holds now is another generation. */
  async truncated(generation: Generation): Promise<void> {
    if (generation.fate === 'truncated') return;
    generation.fate = 'truncated';
    if (generation !== this.newest) return;
    this.#ordinal += 1;
    const stats = await generation.look();
    const renewed = generation.renew(this.#ordinal, stats);
    await renewed.look();
    await this.add(renewed);
  }

  /** Brings the newest generation up to what the path names now. For when nobody tails it; the tail has its own rules. */
  async refresh(): Promise<void> {
    const stats = await this.statPath();
    if (stats === undefined) return;
    const newest = this.newest;
    if (newest === undefined || !newest.isSameFile(stats)) {
      const opened = await this.open();
      if (opened !== undefined) await this.add(opened);
      return;
    }
    const { head, size } = newest;
    await newest.look();
    const headNow = await newest.readHead();
    if (newest.size < size || !headNow.subarray(0, head.length).equals(head)) await this.truncated(newest);
  }

  async close(): Promise<void> {
    const closed = this.#list;
    this.#list = [];
    for (const generation of closed) await this.#closeUnlessShared(generation, []);
  }

  async #drop(generation: Generation): Promise<void> {
    this.#list = this.#list.filter((other) => other !== generation);
    await this.#closeUnlessShared(generation, this.#list);
  }

  async #closeUnlessShared(generation: Generation, others: readonly Generation[]): Promise<void> {
    if (!others.some((other) => other.sharesHandleWith(generation))) await generation.close();
  }
}
