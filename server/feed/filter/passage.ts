import type { Batch, EventBatch, Notice } from '../batch.ts';
import type { Cursor } from '../cursor.ts';
import { lastCursorOf } from '../cursor-of.ts';
import type { Position } from '../position.ts';
import { selectedBatch } from '../selected-batch.ts';
import { type FilteredPosition, joinPieces, type Unfinished } from './long-lines.ts';
import type { Sieve } from './sieve.ts';

/** Behind these, a line that was unfinished does not go on. */
const ENDS_OF_LINES: ReadonlySet<string> = new Set(['feed.gap', 'feed.rotated', 'feed.truncated']);

/**
 * One way through a log in which only what a filter shows is given. What is given is contiguous: a hidden stretch belongs to what comes
 * behind it, or to the notice that tells of it.
 */
export class Passage {
  readonly #sieve: Sieve;
  #unfinished: Unfinished | undefined;
  /** Where the stretch begins that has not been given; undefined where all has. */
  #from: Position | undefined;
  #to: FilteredPosition;
  #cursor: Cursor | undefined;
  /** Events hidden since the last notice. */
  #hidden = 0;

  constructor(sieve: Sieve, from: FilteredPosition) {
    this.#sieve = sieve;
    this.#to = from;
    this.#unfinished = from.unfinished;
  }

  /** Whether there are hidden events that no notice has told of. */
  get hasHidden(): boolean {
    return this.#hidden > 0;
  }

  /** What is to be given of `batch`; undefined: nothing. One at a time. Throws MatchingFailed. */
  pass(batch: Batch): Batch | undefined | Promise<Batch | undefined> {
    if (batch.kind === 'notice') return batch.type === 'feed.partial' ? this.#passPartial(batch) : this.#passNotice(batch);
    const states = this.#sieve.sift(batch);
    return states instanceof Promise ? states.then((known) => this.#passEvents(batch, known)) : this.#passEvents(batch, states);
  }

  /** "So many events have been hidden": brings a reader to where all has been looked at. Undefined where there are none. */
  takeHidden(): Notice | undefined {
    if (this.#hidden === 0 || this.#cursor === undefined) return undefined;
    const data = { count: this.#hidden };
    this.#hidden = 0;
    return { kind: 'notice', from: this.#takeFrom(this.#to), to: this.#to, type: 'feed.hidden', data, cursor: this.#cursor };
  }

  #passEvents(batch: EventBatch, states: Uint8Array): EventBatch | undefined {
    this.#unfinished = joinPieces(batch, states, this.#unfinished);
    const shown: number[] = [];
    for (let index = 0; index < states.length; index += 1) if (states[index] === 1) shown.push(index);
    this.#hidden += states.length - shown.length;
    this.#cursor = lastCursorOf(batch);
    this.#to = this.#place(batch.to);
    if (shown.length > 0) return { ...selectedBatch(batch, shown), from: this.#takeFrom(batch.from), to: this.#to };
    this.#from ??= batch.from;
    return undefined;
  }

  #passNotice(notice: Notice): Notice {
    if (ENDS_OF_LINES.has(notice.type)) this.#unfinished = undefined;
    this.#cursor = notice.cursor ?? this.#cursor;
    this.#to = this.#place(notice.to);
    return { ...notice, from: this.#takeFrom(notice.from), to: this.#to };
  }

  /** The unfinished line at the end of what does not wait for more is shown like a finished one. */
  async #passPartial(notice: Notice): Promise<Notice | undefined> {
    const states = await this.#sieve.siftText(String(notice.data.data ?? ''));
    return states ? notice : undefined;
  }

  #takeFrom(from: Position): Position {
    const begin = this.#from ?? from;
    this.#from = undefined;
    return begin;
  }

  #place({ generation, offset }: Position): FilteredPosition {
    return this.#unfinished === undefined ? { generation, offset } : { generation, offset, unfinished: this.#unfinished };
  }
}
