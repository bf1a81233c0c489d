import type { Chunk } from '../log/chunk.ts';
import type { Added, Place } from '../log/chunk-store.ts';
import type { Shown } from '../log/shown.ts';
import { countOf, formatCount } from '../units.ts';
import { keyOf } from './drawn-rows.ts';

/** More than this in two ticks, some twenty screens a second, and nobody can read along. */
const ROWS_A_SECOND = 1_000;
/** Time is looked at in such pieces; a burst is over when one brings less. */
const TICK_MS = 100;
const TICKS_TO_BEGIN = 2;
/** So many times as fast, it is one at once: to draw a screen for each tick until then is the most work when all else has most to do. */
const GUSH = 10;
/** While it lasts, what is drawn changes so often: each change moves all rows, and is read no better when it is sooner gone. */
const SAMPLE_MS = 200;
/** Over a longer pause, what has come says nothing of how fast it came. */
const PAUSE_MS = 500;
/** What a feed opens with comes as fast as it can be read. */
const OPENING_ROWS = 1_000;
/** Of the rows of such a time, besides its errors and notes, that are drawn: enough to see what goes by. */
const PLAIN_ROWS = 4;
/** No more than a screen can hold are drawn of it, whatever they are. */
const MOST_ROWS = 60;

interface Tally {
  /** Lines that came, and how many of them were drawn. */
  lines: number;
  drawn: number;
  /** Errors that did not fit. */
  errors: number;
}

/** While lines come faster than eyes, draws some of them and every error, and keeps exact count of the others. */
export class Burst {
  readonly #changed: () => void;
  readonly #drawn: () => readonly Place[];
  #shown: Shown | undefined;
  /** Where in each chunk that begins which has come and has not been looked at; while a burst may have begun, that is kept. */
  #waiting = new Map<Chunk, number>();
  #waitingRows = 0;
  #waitingOpening = 0;
  #openingRows = OPENING_ROWS;
  #fastTicks = 0;
  #tickedMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tally: Tally = { lines: 0, drawn: 0, errors: 0 };
  /** What is drawn, the newest last; undefined while everything can be. */
  rows: Place[] | undefined;
  /** Lines that have gone by since the feed was opened without being drawn. */
  notDrawn = 0;

  /** `drawn`: the rows that are drawn when it begins. */
  constructor(changed: () => void, drawn: () => readonly Place[]) {
    this.#changed = changed;
    this.#drawn = drawn;
  }

  /** Another feed. */
  show(shown: Shown | undefined): void {
    this.end();
    this.#shown = shown;
    this.notDrawn = 0;
    this.#openingRows = OPENING_ROWS;
  }

  /** Rows have come, and the newest are followed. */
  add(added: readonly Added[], nowMs: number): void {
    for (const { chunk, from } of added) if (!this.#waiting.has(chunk)) this.#waiting.set(chunk, from);
    const rows = added.reduce((sum, { chunk, from }) => sum + chunk.count - from, 0);
    const opening = Math.min(rows, this.#openingRows);
    this.#openingRows -= opening;
    this.#waitingRows += rows;
    this.#waitingOpening += opening;
    const sinceMs = nowMs - this.#tickedMs;
    if (sinceMs >= (this.rows === undefined ? TICK_MS : SAMPLE_MS)) this.#tick(sinceMs, nowMs);
  }

  /** The newest are not followed any more, or what is shown has changed. */
  end(): void {
    clearTimeout(this.#timer);
    this.rows = undefined;
    this.#waiting.clear();
    this.#waitingRows = 0;
    this.#waitingOpening = 0;
    this.#fastTicks = 0;
    this.#tally = { lines: 0, drawn: 0, errors: 0 };
  }

  /** How it is drawn, in words. */
  get words(): string {
    if (this.rows === undefined) return '';
    const { lines, drawn, errors } = this.#tally;
    const every = errors === 0 ? 'and every error' : `and as many errors as fit, ${countOf(errors, 'error')} did not`;
    const share = formatCount(Math.max(1, Math.round(lines / Math.max(1, drawn))));
    return `Faster than eyes: 1 line in ${share} is drawn, ${every} · pause or scroll, and each is there`;
  }

  #tick(sinceMs: number, nowMs: number): void {
    this.#tickedMs = nowMs;
    const most = (ROWS_A_SECOND * Math.min(sinceMs, PAUSE_MS)) / 1_000;
    const rows = this.#waitingRows - this.#waitingOpening;
    const isFast = rows > most;
    const isGush = rows > GUSH * most && sinceMs < PAUSE_MS;
    this.#fastTicks = isGush ? TICKS_TO_BEGIN : isFast ? this.#fastTicks + 1 : 0;
    // What a burst follows on at once is drawn as one with it.
    if (this.#waitingRows <= most) this.#waiting.clear();
    this.#waitingRows = 0;
    this.#waitingOpening = 0;
    if (!isFast && this.rows !== undefined) this.#finish();
    if (this.#fastTicks < TICKS_TO_BEGIN || this.#shown === undefined) return;
    this.#sample(this.#shown);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#finish(), PAUSE_MS);
    this.#changed();
  }

  #finish(): void {
    this.end();
    this.#changed();
  }

  #sample(shown: Shown): void {
    const fresh = [...this.#waiting].map(([chunk, from]) => ({ chunk, rows: shown.among({ chunk, from }) }));
    this.#waiting.clear();
    // It begins below what is there already.
    const first = fresh.find(({ rows }) => rows.length > 0);
    const start = first && { chunk: first.chunk, index: first.rows[0] ?? 0 };
    const before = this.rows ?? (start === undefined ? [] : shown.before(start, MOST_ROWS, Number.POSITIVE_INFINITY));
    const wanted = chosen(fresh);
    const drawn = this.rows === undefined ? this.#withDrawn(fresh, wanted) : wanted.slice(-MOST_ROWS);
    const lines = fresh.reduce((sum, { chunk, rows }) => sum + rows.length - (chunk.hasNotes ? countNotes(chunk, rows) : 0), 0);
    const drawnLines = drawn.filter(({ chunk, index }) => !chunk.isNote(index)).length;
    this.#tally.lines += lines;
    this.#tally.drawn += drawnLines;
    this.#tally.errors += wanted.slice(0, -MOST_ROWS).filter(({ chunk, index }) => isError(chunk, index)).length;
    this.notDrawn += lines - drawnLines;
    this.rows = [...before, ...drawn].slice(-MOST_ROWS);
  }

  /** What is drawn of it already stays, as far as there is room, and what was left out comes where it belongs among it. */
  #withDrawn(fresh: readonly Fresh[], wanted: readonly Place[]): readonly Place[] {
    const there = new Set(this.#drawn().map(keyOf));
    const all = chosen(fresh, (place) => there.has(keyOf(place)));
    return all.length <= MOST_ROWS ? all : wanted.slice(-MOST_ROWS);
  }
}

interface Fresh {
  readonly chunk: Chunk;
  readonly rows: readonly number[];
}

/** Errors and notes, and of the others a few at even distances, the newest among them, and those that are wanted besides. */
function chosen(fresh: readonly Fresh[], isWanted: (place: Place) => boolean = () => false): Place[] {
  const count = fresh.reduce((sum, { rows }) => sum + rows.length, 0);
  const step = Math.max(1, Math.ceil(count / PLAIN_ROWS));
  const places: Place[] = [];
  let left = count;
  for (const { chunk, rows } of fresh)
    for (const index of rows) {
      left -= 1;
      const place = { chunk, index };
      if (left % step === 0 || isError(chunk, index) || chunk.isNote(index) || isWanted(place)) places.push(place);
    }
  return places;
}

function countNotes(chunk: Chunk, rows: readonly number[]): number {
  return rows.filter((index) => chunk.isNote(index)).length;
}

function isError(chunk: Chunk, index: number): boolean {
  return chunk.level(index) === 'error' && !chunk.isContinued(index);
}
