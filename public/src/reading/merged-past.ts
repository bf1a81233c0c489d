import { type Lines, LinesBuilder, type Note } from '../log/lines.ts';
import { Lateness, type TimedLine } from './line-times.ts';
import { OlderLines } from './older-lines.ts';

const ROWS_A_PAGE = 500;
/** Of all feeds together, at first and for each page. */
const OPENING_LINES = 4_000;
const FEWEST = 200;
const MOST = 1_000;

/** A line, and what is told before it. */
interface PastRow {
  readonly line: TimedLine;
  readonly notes: readonly Note[];
}

/** Rows of several feeds that come before those that have been given. */
export interface OlderRows {
  readonly lines: Lines;
  readonly isOldest: boolean;
  /** Feeds that have older lines, which are not among these. */
  readonly apart: readonly string[];
}

/** How many lines of each of so many feeds are asked for. */
export function linesOfEach(feeds: number): number {
  return Math.min(MOST, Math.max(FEWEST, Math.floor(OPENING_LINES / feeds)));
}

/**
 * The history of several feeds in the order of their times, from the newest line back. A line is given once all feeds have shown that they
 * have none that comes behind it.
 */
export class MergedPast {
  readonly #feeds: readonly OlderLines[];
  readonly #count: number;

  constructor(names: readonly string[]) {
    this.#feeds = names.map((name, source) => new OlderLines(name, source));
    this.#count = linesOfEach(names.length);
  }

  /** What the stream opened with: of each feed `asked` lines, or all. Answers the newest of them, in order. */
  open(lines: readonly (readonly TimedLine[])[], asked: number, nowMs: number): PastRow[] {
    for (const feed of this.#feeds) feed.begin(lines[feed.source] ?? [], asked, nowMs);
    return this.#take(Number.POSITIVE_INFINITY);
  }

  /** The rows before those. */
  async older(signal: AbortSignal): Promise<OlderRows> {
    const parts: PastRow[][] = [];
    for (let rows = 0; rows < ROWS_A_PAGE && !this.#isOldest; ) {
      const filling = Promise.all(this.#feeds.map((feed) => feed.fill(this.#count, signal)));
      // What has been taken must not be lost with what could not be had.
      if (rows === 0) await filling;
      else if (
        !(await filling.then(
          () => true,
          () => false,
        ))
      )
        break;
      const part = this.#take(ROWS_A_PAGE - rows);
      parts.unshift(part);
      rows += part.length;
    }
    const apart = this.#feeds.filter(({ isTimeless }) => isTimeless).map(({ name }) => name);
    const notes = this.#feeds.flatMap((feed) => feed.takeNotes());
    return { lines: linesOf(notes, parts.flat()), isOldest: this.#isOldest, apart };
  }

  get #isOldest(): boolean {
    return this.#feeds.every(({ isReady, newestMs }) => isReady && newestMs === undefined);
  }

  #take(most: number): PastRow[] {
    const rows: PastRow[] = [];
    let last: TimedLine | undefined;
    while (rows.length < most && this.#feeds.every(({ isReady }) => isReady)) {
      const feed = this.#next(last);
      const line = feed?.take();
      if (feed === undefined || line === undefined) break;
      rows.push({ line, notes: feed.takeNotes() });
      last = line;
    }
    return rows.reverse();
  }

  /** The feed with the newest line: but a stack trace is not parted by lines of the same time. */
  #next(last: TimedLine | undefined): OlderLines | undefined {
    const newestMs = this.#feeds.reduce((newest, feed) => Math.max(newest, feed.newestMs ?? newest), Number.NEGATIVE_INFINITY);
    const newest = this.#feeds.filter((feed) => feed.newestMs === newestMs);
    return newest.find(({ newestUnit }) => newestUnit === last?.unit) ?? newest.at(-1);
  }
}

function linesOf(notes: readonly Note[], rows: readonly PastRow[]): Lines {
  const builder = new LinesBuilder();
  for (const note of notes) builder.addNote(note);
  addRows(builder, rows, new Lateness());
  return builder.take();
}

/** Their cursors are left out: those of one feed say nothing of the others. */
export function addRows(builder: LinesBuilder, rows: readonly PastRow[], lateness: Lateness): void {
  for (const { line, notes } of rows) {
    for (const note of notes) builder.addNote(note);
    addTimed(builder, line, lateness);
  }
}

export function addTimed(builder: LinesBuilder, line: TimedLine, lateness: Lateness): void {
  const { data: text, time, cut, source } = line;
  builder.addLine({ text, time, cut, id: '', source, late: lateness.isLate(line) });
}
