import type { EventBatch } from '../batch.ts';
import { type Filter, MAX_LOOKED_AT_BYTES } from './filter.ts';
import { MAX_LEVEL_LENGTH } from './level.ts';
import { eachWith } from './literal-scan.ts';
import { lookedAtEnd } from './looked-at.ts';
import type { Rule, Texts } from './match-messages.ts';
import type { MatchThread } from './match-thread.ts';

/** What has been found out about an event. */
const HIDDEN = 0;
const SHOWN = 1;
const OPEN = 2;

/** Above this length a native call is worth its price. */
const LONG_BYTES = 64;

type Siftable = Pick<EventBatch, 'count' | 'bytes' | 'starts' | 'ends' | 'type'>;

/** Says of each event of a batch whether a filter shows it: 1 or 0. What needs no pattern is answered at once. */
export class Sieve {
  readonly #filter: Filter;
  readonly #thread: MatchThread;
  readonly #rule: Rule;
  readonly #maxBytes: number;

  constructor(filter: Filter, thread: MatchThread) {
    this.#filter = filter;
    this.#thread = thread;
    const patterns = filter.patterns.filter(({ literal }) => literal?.isAll !== true);
    this.#rule = { patterns: patterns.map(({ text, isNot }) => ({ text, isNot })), level: filter.level };
    this.#maxBytes = patterns.length === 0 ? 4 * MAX_LEVEL_LENGTH : MAX_LOOKED_AT_BYTES;
  }

  /** Throws MatchingFailed. */
  sift(batch: Siftable): Uint8Array | Promise<Uint8Array> {
    const states = this.#look(batch);
    return states.includes(OPEN) ? this.#ask(batch, states) : states;
  }

  /** Whether a line that is no event yet would be shown. */
  async siftText(text: string): Promise<boolean> {
    const bytes = Buffer.from(text);
    const ends = Uint32Array.of(bytes.length);
    const line = { count: 1, bytes, starts: new Uint32Array(1), ends, type: () => undefined };
    return (await this.sift(line))[0] === 1;
  }

  /** The cheap half: types, and the texts that patterns cannot match without. */
  #look(batch: Siftable): Uint8Array {
    const { types, patterns, level } = this.#filter;
    const states = new Uint8Array(batch.count).fill(level === undefined ? SHOWN : OPEN);
    for (const { literal, isNot } of patterns) {
      if (literal === undefined) askAll(states);
      else if (isNot) eachWith(literal.bytes, batch, (index) => restrict(states, index, literal.isAll ? HIDDEN : OPEN));
      else keepOnly(states, literal.bytes, batch, literal.isAll ? SHOWN : OPEN);
    }
    if (types.size > 0)
      for (let index = 0; index < batch.count; index += 1) if (!types.has(batch.type(index) ?? 'message')) states[index] = HIDDEN;
    return states;
  }

  async #ask(batch: Siftable, states: Uint8Array): Promise<Uint8Array> {
    const holds = await this.#thread.match(this.#rule, () => textsOf(batch, states, this.#maxBytes));
    let asked = 0;
    for (let index = 0; index < states.length; index += 1) {
      if (states[index] !== OPEN) continue;
      states[index] = holds[asked] ?? HIDDEN;
      asked += 1;
    }
    return states;
  }
}

function askAll(states: Uint8Array): void {
  for (let index = 0; index < states.length; index += 1) restrict(states, index, OPEN);
}

/** Hidden stays hidden, and open is not taken for shown. */
function restrict(states: Uint8Array, index: number, state: number): void {
  if (states[index] === HIDDEN || (states[index] === OPEN && state === SHOWN)) return;
  states[index] = state;
}

function keepOnly(states: Uint8Array, text: Buffer, batch: Siftable, found: number): void {
  let next = 0;
  eachWith(text, batch, (index) => {
    states.fill(HIDDEN, next, index);
    restrict(states, index, found);
    next = index + 1;
  });
  states.fill(HIDDEN, next);
}

/** Copies of the open events, to be given away. */
function textsOf(batch: Siftable, states: Uint8Array, maxBytes: number): Texts {
  const { bytes, starts, ends } = batch;
  const open: number[] = [];
  let size = 0;
  for (let index = 0; index < batch.count; index += 1) {
    if (states[index] !== OPEN) continue;
    open.push(index);
    size += Math.min(maxBytes, (ends[index] as number) - (starts[index] as number));
  }
  const copy = Buffer.alloc(size);
  const copied = new Uint32Array(open.length);
  let at = 0;
  for (const [order, index] of open.entries()) {
    const start = starts[index] as number;
    const end = lookedAtEnd(bytes, start, ends[index] as number, maxBytes);
    at = copyText(bytes, start, end, copy, at);
    copied[order] = at;
  }
  return { bytes: copy, ends: copied };
}

/** Returns the place behind. Of short texts there may be very many in a batch: a native call for each would hold the loop. */
function copyText(bytes: Buffer, start: number, end: number, target: Buffer, at: number): number {
  if (end - start > LONG_BYTES) return at + bytes.copy(target, at, start, end);
  for (let place = start; place < end; place += 1) target[at + place - start] = bytes[place] as number;
  return at + end - start;
}
