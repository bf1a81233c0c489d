import { CR, characterBoundary, LF, LineTable, LOOKAHEAD, MAX_LINES } from './line-scan.ts';

/** So many NULs in a row are a hole, no part of the text around them. */
const HOLE_UNITS = LOOKAHEAD;

/** NULs that are skipped. `end` is undefined where they go on to the end of what is there. */
export interface Hole {
  readonly start: number;
  readonly end: number | undefined;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly next: number;
  readonly isCut: boolean;
}

interface LineStart {
  readonly at: number;
  /** Where its text begins: behind a byte order mark. */
  readonly textStart: number;
  /** Whether a line begins here, and not somewhere before. */
  readonly isLineStart: boolean;
}

export interface NulScanOptions {
  readonly textStart: number;
  readonly isLineStart: boolean;
  /** What is there is all there will be: NULs at its end are no line. */
  readonly final: boolean;
  /** NULs at the end of what is there are known to be followed by something else. */
  readonly isHoleKnown: boolean;
  readonly longest: number;
}

/**
 * The lines of `view` up to the first hole. NULs that reach the end of what is there are left: they may be room that a writer has
 * made for lines to come. Fewer NULs than a hole are dropped at the start of a line, and belong to the text elsewhere.
 */
export function scanAmongNuls(view: Buffer, options: NulScanOptions): { lines: LineTable; hole: Hole | undefined } {
  const end = options.final ? endOfText(view) : view.length;
  // NULs at the end may be filled: until something follows them, they count for nothing.
  const settled = options.isHoleKnown ? end : endOfText(view);
  const lines = new LineTable(view.length);
  let line: LineStart = { at: 0, ...options };
  while (line.textStart < end && lines.count < MAX_LINES) {
    const found = takeLine(view, line, { end, settled, ...options });
    if (found === undefined || !('next' in found)) return { lines, hole: found };
    if (found.isCut) lines.addCut(found.start, found.end, found.next);
    else lines.add(found.start, found.end, found.next);
    lines.addNuls(found.start - line.textStart + longRuns(view, found.start, found.end));
    line = { at: found.next, textStart: found.next, isLineStart: isLineStart(view, found.next) };
  }
  return { lines, hole: undefined };
}

/** Whether a line begins at `at`, by the unit before it: behind a hole one does. */
export function isLineStart(view: Buffer, at: number): boolean {
  return at === 0 || view[at - 1] === LF || view[at - 1] === 0;
}

interface Extent {
  readonly end: number;
  /** What is before this can change no more. */
  readonly settled: number;
  readonly final: boolean;
  readonly longest: number;
}

/** The next line or piece of one, or the hole before it; undefined where more has to come. */
function takeLine(view: Buffer, { at, textStart, isLineStart }: LineStart, extent: Extent): Piece | Hole | undefined {
  const { end, settled, final, longest } = extent;
  const behindNuls = endOfRun(view, textStart, end);
  const nuls = behindNuls - textStart;
  const isOpen = behindNuls === end;
  if (nuls >= HOLE_UNITS) return { start: at, end: isOpen ? undefined : behindNuls };
  if (nuls > 0 && isOpen) return undefined;
  const start = isLineStart ? behindNuls : textStart;
  const lf = view.indexOf(LF, start);
  const isEnded = lf >= 0 && lf < end;
  const lineEnd = !isEnded ? end : lf > start && view[lf - 1] === CR ? lf - 1 : lf;
  const isLong = lineEnd - at > longest && (isEnded || final || settled - at >= longest + LOOKAHEAD);
  if (isLong) return takePiece(view, at, start, extent);
  if (isEnded || final) return { start, end: lineEnd, next: isEnded ? lf + 1 : end, isCut: false };
  // It is long if something follows the NULs at its end, and not yet where they are room for the rest of it.
  return end - at >= longest + LOOKAHEAD ? { start: settled, end: undefined } : undefined;
}

/** The first piece of a line that is too long: up to the first hole in it, else to the last character that fits. */
function takePiece(view: Buffer, at: number, start: number, { end, longest }: Extent): Piece {
  const most = at + longest;
  const hole = firstLongRun(view, start, Math.min(end, most + LOOKAHEAD));
  const cut = hole !== undefined && hole <= most ? hole : characterBoundary(view, at, most);
  return { start, end: cut, next: cut, isCut: true };
}

/** `text` without its holes. */
export function withoutHoles(text: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let run = firstLongRun(text, 0, text.length); run !== undefined; run = firstLongRun(text, from, text.length)) {
    parts.push(text.subarray(from, run));
    from = endOfRun(text, run, text.length);
  }
  return from === 0 ? text : Buffer.concat([...parts, text.subarray(from)]);
}

/** Where the NULs begin that `bytes` end with. */
export function endOfText(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}

function longRuns(view: Buffer, start: number, end: number): number {
  let units = 0;
  for (let at = firstLongRun(view, start, end); at !== undefined; ) {
    const behind = endOfRun(view, at, end);
    units += behind - at;
    at = firstLongRun(view, behind, end);
  }
  return units;
}

function firstLongRun(view: Buffer, start: number, end: number): number | undefined {
  for (let at = view.indexOf(0, start); at >= 0 && at < end; ) {
    const behind = endOfRun(view, at, end);
    if (behind - at >= HOLE_UNITS) return at;
    at = view.indexOf(0, behind);
  }
  return undefined;
}

function endOfRun(view: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && view[at] === 0) at += 1;
  return at;
}
