import { type Unwrapped, unwrap, type Wrapping } from './container-lines.ts';
import { toUtf8 } from './encoding.ts';
import { CR, type Lines, LineTable, MAX_LINE_BYTES, MAX_LINES } from './line-scan.ts';
import { withoutHoles } from './nul-scan.ts';
import { type Texts, textsOf } from './texts.ts';

/** Parts are joined as long as their lines in the file are not longer than this together. */
export const MAX_JOINED_BYTES = 1024 * 1024;
/** So many are joined at most: one scan finds them all, and the line that follows them. */
const MAX_PARTS = MAX_LINES / 2;

/** Events whose text is not as it is in the file. */
export interface Rewritten extends Lines {
  readonly texts: Texts;
  /** Milliseconds since the epoch; NaN where the line does not tell. */
  readonly times: Float64Array;
  readonly errors: ReadonlySet<number>;
}

interface JoinOptions {
  readonly wrapping: Wrapping;
  /** Whether `lines` begin at the start of a line. */
  readonly isLineStart: boolean;
  /** Whether nothing more can come to parts that are at the end. */
  readonly final: boolean;
}

/**
 * The lines that containers wrote, out of the lines of their log file. Parts of one stream that follow one another are joined, up
 * to 256 KiB: a line of the other stream, one that is not wrapped, or the end of the file ends a piece. So each event ends where a
 * line of the file ends, and reading on from there joins as reading from anywhere before does.
 */
export function joinParts(bytes: Buffer, lines: Lines, { wrapping, isLineStart, final }: JoinOptions): Rewritten {
  const events = new Events(bytes.length);
  for (let index = 0; index < lines.count && !events.isFull; index += 1) {
    const isCut = lines.cuts?.has(index) ?? false;
    const isWhole = index === 0 ? isLineStart : !lines.cuts?.has(index - 1);
    const line = new RawLine(bytes, lines, index);
    const entry = isWhole ? unwrap(line.wrapped(isCut), wrapping) : undefined;
    if (entry === undefined || isCut) events.addAlone(line, entry, isCut);
    else events.addPart(line, entry);
  }
  if (final) events.endPiece();
  return events.rewritten();
}

class RawLine {
  readonly start: number;
  readonly next: number;
  readonly bare: Buffer;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, lines: Lines, index: number) {
    this.#bytes = bytes;
    this.start = lines.starts[index] as number;
    this.next = lines.nexts[index] as number;
    this.bare = bytes.subarray(this.start, lines.ends[index]);
  }

  /** Up to its LF: a CR before that belongs to the text of a part. */
  wrapped(isCut: boolean): Buffer {
    const hasEnd = !isCut && this.#bytes[this.next - 1] === 10;
    return this.#bytes.subarray(this.start, hasEnd ? this.next - 1 : this.next);
  }
}

interface Stretch {
  readonly start: number;
  readonly next: number;
}

interface Joined extends Stretch {
  readonly first: Unwrapped;
  readonly parts: Buffer[];
  length: number;
  next: number;
}

/** Events as they are made; full with the first that does not fit into a batch. */
class Events {
  readonly #table: LineTable;
  readonly #texts: Buffer[] = [];
  readonly #times: number[] = [];
  readonly #errors = new Set<number>();
  #length = 0;
  #open: Joined | undefined;
  isFull = false;

  constructor(bytes: number) {
    this.#table = new LineTable(bytes);
  }

  /** A line that is not wrapped, or a piece of one that is longer than an event may be. */
  addAlone(line: RawLine, entry: Unwrapped | undefined, isCut: boolean): void {
    this.endPiece();
    this.#add(withoutHoles(entry?.text ?? line.bare), line, entry, isCut);
  }

  addPart(line: RawLine, entry: Unwrapped): void {
    if (this.#open !== undefined && !goesOn(this.#open, line, entry)) this.endPiece();
    this.#open ??= { first: entry, parts: [], length: 0, start: line.start, next: line.next };
    this.#open.parts.push(entry.text);
    this.#open.length += entry.text.length;
    this.#open.next = line.next;
    if (!entry.isPart) this.#endJoined(false);
  }

  /** What has been joined is given as a piece of its line. */
  endPiece(): void {
    this.#endJoined(true);
  }

  rewritten(): Rewritten {
    const { count, starts, ends, nexts, cuts } = this.#table;
    const texts = textsOf(this.#texts);
    return { count, starts, ends, nexts, cuts, texts, times: Float64Array.from(this.#times), errors: this.#errors };
  }

  #endJoined(isCut: boolean): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const text = open.parts.length === 1 ? (open.parts[0] as Buffer) : Buffer.concat(open.parts, open.length);
    this.#add(!isCut && text.at(-1) === CR ? text.subarray(0, -1) : text, open, open.first, isCut);
  }

  #add(raw: Buffer, { start, next }: Stretch, entry: Unwrapped | undefined, isCut: boolean): void {
    const text = toUtf8(raw, 'utf8');
    this.isFull ||= this.#length + text.length > MAX_LINE_BYTES && this.#table.count > 0;
    if (this.isFull) return;
    if (entry?.isError) this.#errors.add(this.#table.count);
    if (isCut) this.#table.addCut(start, next, next);
    else this.#table.add(start, next, next);
    this.#times.push(entry?.time ?? Number.NaN);
    this.#texts.push(text);
    this.#length += text.length;
  }
}

function goesOn(open: Joined, line: RawLine, entry: Unwrapped): boolean {
  if (entry.isError !== open.first.isError || open.parts.length === MAX_PARTS) return false;
  return open.length + entry.text.length <= MAX_LINE_BYTES && line.next - open.start <= MAX_JOINED_BYTES;
}
