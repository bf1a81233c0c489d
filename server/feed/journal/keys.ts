import { createHash } from 'node:crypto';
import { KEY_HASH_LENGTH } from './frame.ts';
import { contentsOf, keysOf, type Readable } from './read-blocks.ts';
import type { KeyUse } from './scan-frames.ts';

/** A key is remembered for so long. */
export const KEY_LIFE_MS = 24 * 60 * 60 * 1000;
/** So many keys of one feed are remembered: those used last. */
export const MAX_KEYS = 100_000;

/** What stands for a key in a frame: 96 bits, since readers need not see the keys of writers. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, KEY_HASH_LENGTH);
}

/** The keys of one feed, and the events they were used for. */
export class Keys {
  /** In the order of the log. */
  readonly #uses = new Map<string, KeyUse>();
  readonly #max: number;

  constructor(max = MAX_KEYS) {
    this.#max = max;
  }

  get size(): number {
    return this.#uses.size;
  }

  add(use: KeyUse): void {
    this.#uses.delete(use.hash);
    this.#uses.set(use.hash, use);
    if (this.#uses.size > this.#max) this.#uses.delete(this.#uses.keys().next().value ?? '');
  }

  addAll(uses: Iterable<KeyUse>): void {
    for (const use of uses) this.add(use);
  }

  /** The use of a key whose event is kept (it ends behind `oldest`) and that is not too long ago. */
  find(hash: string, oldest: number, nowMs: number): KeyUse | undefined {
    const use = this.#uses.get(hash);
    return use === undefined || use.offset <= oldest || nowMs - use.timeMs > KEY_LIFE_MS ? undefined : use;
  }
}

/** The keys of a journal that can still be found: from the newest segment back, as long as there may be any. */
export async function loadKeysOf(readable: Readable, nowMs: number): Promise<Keys> {
  const parts: (readonly KeyUse[])[] = [];
  let count = 0;
  for (const segment of readable.segments.list.toReversed()) {
    const contents = await contentsOf(readable, segment);
    if (count >= MAX_KEYS || (contents.lastMs > 0 && nowMs - contents.lastMs > KEY_LIFE_MS)) break;
    const uses = await keysOf(readable, segment);
    parts.push(uses);
    count += uses.length;
    if (segment !== readable.segments.last && uses.length > 0) contents.keys = undefined;
  }
  const keys = new Keys();
  for (const uses of parts.reverse()) keys.addAll(uses);
  return keys;
}
