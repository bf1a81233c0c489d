import type { FaultDone, ReaderEntry, ReaderRecord } from './record.ts';
import type { Written, WrittenLine } from './written.ts';

export interface Problem {
  readonly who: string;
  readonly kind:
    | 'torn'
    | 'doubled'
    | 'out of order'
    | 'lost in silence'
    | 'lost without a fault'
    | 'gap without a fault'
    | 'wrong late range'
    | 'never arrived'
    | 'broken';
  readonly words: string;
}

export interface Findings {
  readonly problems: Problem[];
  /** How often a gap was told, by the fault beside it and its reason. */
  readonly gaps: Map<string, number>;
  /** How often a reader whose place had been destroyed began again with the oldest line. */
  begunAgain: number;
  /** Late lines that nobody could tell a reader of, who was away when they came. */
  lateUnannounced: number;
  /** Lines that can still be read, beside a gap: the place that the reader asked for was destroyed, and nothing tells what came after it. */
  skipped: number;
  /** Lines of files that came and were destroyed before anybody looked at them for this reader. */
  neverLookedAt: number;
}

type GapEntry = Extract<ReaderEntry, { what: 'gap' }> & {
  /** The place that the reader asked for was not found. */
  readonly isOfStart: boolean;
  /** Behind the same head as all files have: in which of them the reader stood cannot be told. */
  readonly isBehindBanner: boolean;
};

/** Checks what a reader who followed from the first line on was given against what was written. */
export function checkFollower(written: Written, record: ReaderRecord): Findings {
  return new FollowerCheck(written, record).run();
}

class FollowerCheck {
  readonly #written: Written;
  readonly #record: ReaderRecord;
  readonly #seen = new Set<WrittenLine>();
  /** When the first line of a part came: whoever gave it had looked at that file by then. */
  readonly #seenParts = new Map<number, number>();
  readonly #inLateRange = new Set<string>();
  readonly #findings: Findings = {
    problems: [],
    gaps: new Map(),
    begunAgain: 0,
    lateUnannounced: 0,
    skipped: 0,
    neverLookedAt: 0,
  };
  #last: WrittenLine | undefined;
  /** The gaps since the last line. */
  #gaps: GapEntry[] = [];
  /** After this gap the reader may be given again what it has had. */
  #beginsAgain: GapEntry | undefined;
  #lastStart = '';
  #openedAt = 0;
  #isBehindBanner = false;
  #hasBanner = false;

  constructor(written: Written, record: ReaderRecord) {
    this.#written = written;
    this.#record = record;
    for (const entry of record.entries) if (entry.what === 'late') for (const hash of entry.hashes) this.#inLateRange.add(hash);
  }

  run(): Findings {
    for (const entry of this.#record.entries) this.#take(entry);
    this.#checkEnd();
    return this.#findings;
  }

  #take(entry: ReaderEntry): void {
    if (entry.what === 'line') this.#takeLine(entry);
    else if (entry.what === 'gap') this.#takeGap(entry);
    else if (entry.what === 'late') this.#checkRange(entry);
    else if (entry.what === 'broken') this.#problem('broken', entry.why);
    this.#lastStart = entry.what === 'open' ? entry.start : '';
    if (entry.what === 'open') this.#openedAt = entry.at;
  }

  #takeLine({ hash, begins, at }: Extract<ReaderEntry, { what: 'line' }>): void {
    this.#isBehindBanner = this.#written.isBanner(hash);
    this.#hasBanner ||= this.#isBehindBanner;
    if (this.#isBehindBanner) return;
    const line = this.#written.find(hash);
    if (line === undefined) {
      this.#problem('torn', `nobody wrote "${begins}..." (behind ${describe(this.#last)})`);
      return;
    }
    if (line.place <= (this.#last?.place ?? -1)) this.#goBack(line);
    else this.#checkBetween(this.#last, line);
    this.#last = line;
    this.#seen.add(line);
    if (!this.#seenParts.has(line.part)) this.#seenParts.set(line.part, at);
    this.#gaps = [];
  }

  #goBack(line: WrittenLine): void {
    if (this.#beginsAgain !== undefined && this.#beginsAgain === this.#gaps.at(-1)) {
      const told = this.#gaps.filter(({ reason }) => reason !== 'late');
      // Who was told of a gap before the place was lost stood behind what that passed over, nobody knows how far.
      const stoodAtLast = told.every((gap) => gap.isOfStart && !gap.isBehindBanner);
      for (const gap of told) this.#attribute(gap, this.#last, stoodAtLast ? this.#last : undefined);
      this.#findings.begunAgain += 1;
      return;
    }
    const kind = this.#seen.has(line) ? 'doubled' : 'out of order';
    this.#problem(kind, `${describe(line)} behind ${describe(this.#last)}`);
  }

  #takeGap(entry: Extract<ReaderEntry, { what: 'gap' }>): void {
    const gap = { ...entry, isOfStart: this.#lastStart === 'gap', isBehindBanner: this.#isBehindBanner };
    this.#gaps.push(gap);
    if (!gap.hasId) this.#problem('broken', `the gap behind ${describe(this.#last)} has no id`);
    if (gap.reason === 'late') this.#count('late', gap);
    else if (gap.isOfStart) this.#beginsAgain = gap;
  }

  /** What lies between two lines that came one after the other, `next` undefined at the end. */
  #checkBetween(last: WrittenLine | undefined, next: WrittenLine | undefined): void {
    const { lines } = this.#written;
    const missing = lines.slice((last?.place ?? -1) + 1, next?.place ?? lines.length).filter((line) => !this.#seen.has(line));
    for (const gap of this.#gaps) if (gap.reason !== 'late') this.#attribute(gap, last, next);
    for (const line of missing) this.#checkMissing(line);
  }

  #checkMissing(line: WrittenLine): void {
    if (this.#inLateRange.has(line.hash)) return;
    if (line.isLate && this.#wasAway()) this.#findings.lateUnannounced += 1;
    else if (line.destroyedBy !== undefined) this.#checkDestroyed(line, line.destroyedBy);
    else if (this.#gaps.some(({ isOfStart }) => isOfStart) || this.#isBehindLoss(line) || this.#isInUnknownCopy(line))
      this.#findings.skipped += 1;
    else
      this.#problem(
        this.#isTold() ? 'lost without a fault' : 'lost in silence',
        `${line.isLate ? 'late ' : ''}${describe(line)}`,
      );
  }

  /** A gap is told, a fault lies before it, and of its file nothing has been given: nobody has seen what took the lost part's place. */
  #isBehindLoss({ part }: WrittenLine): boolean {
    if (!this.#isTold() || this.#seenParts.has(part)) return false;
    return this.#written.destroying.some((fault) => fault.part < part && fault.part >= (this.#last?.part ?? 0));
  }

  /** A gap is told, and the line lies in a copy that cannot be told from others, since all begin with the same kilobyte. */
  #isInUnknownCopy({ part }: WrittenLine): boolean {
    if (!this.#isTold() || !this.#hasBanner || this.#seenParts.has(part)) return false;
    return this.#wasCopied(part);
  }

  /** Who stood behind the head that all contents of a file share has gone on before its copy was found. */
  #isFoundLate(line: WrittenLine): boolean {
    if (!this.#hasBanner || this.#seen.has(line)) return false;
    return this.#wasCopied(line.part);
  }

  #wasCopied(part: number): boolean {
    return this.#written.destroying.some((fault) => fault.kind.startsWith('copytruncate') && fault.part === part);
  }

  #checkDestroyed(line: WrittenLine, fault: FaultDone): void {
    if (fault.kind === 'copytruncate under load' && this.#cameAfter(fault)) this.#findings.neverLookedAt += 1;
    else if (this.#isTold() || (this.#beginsAgain !== undefined && fault.at <= this.#beginsAgain.at)) return;
    else if (this.#seenParts.has(line.part)) this.#problem('lost in silence', `${describe(line)}, destroyed by ${fault.kind}`);
    else this.#findings.neverLookedAt += 1;
  }

  /** Whether the file was first looked at after it happened: to who comes later, a file and its copy look like two that were renamed. */
  #cameAfter(fault: FaultDone): boolean {
    const seenAt = this.#seenParts.get(fault.part);
    return seenAt === undefined || seenAt > fault.at || this.#openedAt > fault.at;
  }

  #isTold(): boolean {
    return this.#gaps.some(({ reason }) => reason !== 'late');
  }

  /** A gap must lie beside a fault that can have destroyed something. */
  #attribute(gap: GapEntry, last: WrittenLine | undefined, next: WrittenLine | undefined): void {
    const from = last?.part ?? 0;
    const to = next?.part ?? Number.POSITIVE_INFINITY;
    const isBeside = (first: number, end: number) => first <= Math.max(from, to) && end >= Math.min(from, to);
    const fault = this.#written.destroying.find((each) => each.at <= gap.at && isBeside(...this.#written.partsOf(each)));
    // Compressed, a file is another than it was, and a place behind what all begin with is then in any of them.
    if (fault === undefined && gap.reason === 'ambiguous' && gap.isBehindBanner) this.#count('the same head in all files', gap);
    else if (fault === undefined)
      this.#problem('gap without a fault', `${gap.reason} between ${describe(last)} and ${describe(next)}`);
    else this.#count(fault.kind, gap);
  }

  /** A late range holds, of one part and in order, late lines or those of a copy that was found late, and nothing else. */
  #checkRange({ hashes, hasGap, at }: Extract<ReaderEntry, { what: 'late' }>): void {
    const mayBeGone = ({ isLate, destroyedBy }: WrittenLine) => isLate && destroyedBy !== undefined && destroyedBy.at <= at;
    if (hasGap && !this.#written.lines.some(mayBeGone))
      this.#problem('broken', 'a late range has a gap, though nothing of it was destroyed');
    const lines = hashes.map((hash) => this.#written.find(hash));
    const isRight = lines.every((line, index) => {
      const before = index === 0 ? undefined : lines[index - 1];
      const mayBeLate = line !== undefined && (line.isLate || this.#isFoundLate(line));
      return mayBeLate && (before === undefined || (before.part === line.part && before.place < line.place));
    });
    if (!isRight)
      this.#problem('wrong late range', lines.map((line) => (line?.isLate ? 'late ' : '') + describe(line)).join(', '));
  }

  #checkEnd(): void {
    const end = this.#written.lines.at(-1);
    if (this.#last !== end) this.#problem('never arrived', `what is behind ${describe(this.#last)}, up to ${describe(end)}`);
    else this.#checkBetween(this.#last, undefined);
  }

  #wasAway(): boolean {
    return this.#record.entries.filter(({ what }) => what === 'open').length > 1;
  }

  #count(fault: string, { reason }: GapEntry): void {
    const key = `${fault}: ${reason}`;
    this.#findings.gaps.set(key, (this.#findings.gaps.get(key) ?? 0) + 1);
  }

  #problem(kind: Problem['kind'], words: string): void {
    this.#findings.problems.push({ who: this.#record.who, kind, words });
  }
}

export function describe(line: WrittenLine | undefined): string {
  return line === undefined ? 'nothing' : `line ${line.number} of part ${line.part}`;
}
