import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Seeded } from '../e2e/seed.ts';
import type { LineMaker, MadeLine } from './line-maker.ts';
import type { DestroyingFault, HarmlessFault, WriterEntry } from './record.ts';

/** One file that is written, from its first byte on: what has been written to it is in the record. */
export class ActiveFile {
  readonly part: number;
  readonly lines: number[] = [];
  readonly #file: number;
  readonly #record: WriterEntry[];
  readonly #random: Seeded;
  #begun: { readonly line: MadeLine; readonly written: number } | undefined;
  /** The path names another file by now, and that has bytes. */
  isReplaced = false;

  constructor(options: { part: number; path: string; record: WriterEntry[]; random: Seeded; file?: number }) {
    this.part = options.part;
    this.#record = options.record;
    this.#random = options.random;
    this.#file = options.file ?? openSync(options.path, 'a');
  }

  get size(): number {
    return fstatSync(this.#file).size;
  }

  get file(): number {
    return this.#file;
  }

  /** The same open file as another part: what it held has been destroyed. */
  renewed(part: number): ActiveFile {
    return new ActiveFile({ part, path: '', record: this.#record, random: this.#random, file: this.#file });
  }

  begin(maker: LineMaker, hasBanner: boolean): void {
    if (hasBanner) writeSync(this.#file, maker.banner.bytes);
  }

  /** Writes the line that ends every report. */
  end(maker: LineMaker): void {
    writeSync(this.#file, maker.footer.bytes);
  }

  append(lines: readonly MadeLine[]): void {
    writeSync(this.#file, Buffer.concat(lines.map(({ bytes }) => bytes)));
    for (const line of lines) this.#note(line);
  }

  async appendLineByLine(lines: readonly MadeLine[]): Promise<void> {
    for (const line of lines) {
      this.append([line]);
      await delay(this.#random.one([0, 0, 1, 2, 10]));
    }
  }

  /** In writes cut at any byte, also within a character. */
  async appendTorn(lines: readonly MadeLine[]): Promise<void> {
    const bytes = Buffer.concat(lines.map((line) => line.bytes));
    for (let at = 0; at < bytes.length; ) {
      const most = bytes.length > 4_000 ? bytes.length / 40 : 50;
      at += writeSync(this.#file, bytes, at, Math.min(this.#random.whole(1, most), bytes.length - at));
      if (this.#random.next() < 0.4) await delay(this.#random.one([1, 1, 5, 20, 20, 150]));
    }
    for (const line of lines) this.#note(line);
  }

  /** Leaves a line unfinished, cut at any byte; `whole`: only its ending is missing. */
  beginLine(line: MadeLine, whole: boolean): void {
    const written = whole ? line.bytes.length - line.endingBytes : this.#random.whole(1, line.bytes.length - 1);
    writeSync(this.#file, line.bytes, 0, written);
    this.#begun = { line, written };
    if (whole) this.#note(line);
  }

  finishLine(): void {
    if (this.#begun === undefined) return;
    const { line, written } = this.#begun;
    this.#begun = undefined;
    writeSync(this.#file, line.bytes, written);
    this.#note(line);
  }

  /** Writes the lines over what the file holds, without making it shorter first. */
  overwrite(lines: readonly MadeLine[], { before, after }: { before: Buffer; after: Buffer }, path: string): void {
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.concat([before, ...lines.map(({ bytes }) => bytes), after]), undefined, undefined, 0);
    closeSync(file);
    for (const line of lines) this.#note(line);
  }

  fault(kind: DestroyingFault | HarmlessFault, destroyed: readonly number[] = []): void {
    const inode = fstatSync(this.#file).ino;
    this.#record.push({ what: 'fault', at: now(), kind, part: this.part, inode, destroyed });
  }

  close(): void {
    closeSync(this.#file);
  }

  #note({ number, hash }: MadeLine): void {
    this.lines.push(number);
    this.#record.push({ what: 'line', at: now(), part: this.part, number, hash, isLate: this.isReplaced });
  }
}

export function now(): number {
  return performance.timeOrigin + performance.now();
}
