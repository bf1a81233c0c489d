import { createHash } from 'node:crypto';
import type { Seeded } from '../e2e/seed.ts';

/** A numbered line: `bytes` with its ending, `hash` of the text without. */
export interface MadeLine {
  readonly number: number;
  readonly bytes: Buffer;
  readonly endingBytes: number;
  readonly hash: string;
}

const FILLERS = ['abcdefgh ', 'é', '漢字', '😀-', 'x'] as const;
/** Long enough to fill the kilobyte that tells one file from another. */
const BANNER_TEXT = `# ${'the same head in every file, as programs write that begin with their settings; '.repeat(14)}`;

/** Longer than the 64 bytes that are compared before a place. */
const FOOTER_TEXT = '# the same end of every report, longer than what is compared before a place that is read on from';

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

function constantLine(text: string): { readonly hash: string; readonly bytes: Buffer } {
  return { hash: hashOf(text), bytes: Buffer.from(`${text}\n`) };
}

/** Makes lines whose numbers never come again; their length, letters and endings are the seed's. */
export class LineMaker {
  readonly banner = constantLine(BANNER_TEXT);
  readonly footer = constantLine(FOOTER_TEXT);
  readonly #random: Seeded;
  readonly #crlfOfTen: number;
  #number = 0;

  constructor(random: Seeded, crlfOfTen: number) {
    this.#random = random;
    this.#crlfOfTen = crlfOfTen;
  }

  lines(count: number): MadeLine[] {
    return Array.from({ length: count }, () => this.#line(this.#fillerBytes()));
  }

  long(count: number, bytes: number): MadeLine[] {
    return Array.from({ length: count }, () => this.#line(bytes));
  }

  /** Lines that are `total` bytes long together, or at least that where `exactly` is false; none where that is too little. */
  filling(total: number, exactly: boolean): MadeLine[] {
    const lines: MadeLine[] = [];
    let left = total;
    while (left > 400) {
      const line = this.#line(Math.min(left - 200, Math.max(this.#fillerBytes(), total / 100)));
      lines.push(line);
      left -= line.bytes.length;
    }
    if (left < 40) return lines;
    lines.push(this.#make('x'.repeat(left), '\n', exactly ? left : undefined));
    return lines;
  }

  #line(fillerBytes: number): MadeLine {
    const filler = this.#random.one(FILLERS);
    const text = filler.repeat(Math.ceil(fillerBytes / Buffer.byteLength(filler)));
    return this.#make(text, this.#random.whole(1, 10) <= this.#crlfOfTen ? '\r\n' : '\n');
  }

  #make(filler: string, ending: string, exactBytes?: number): MadeLine {
    this.#number += 1;
    const start = `${this.#random.seed}.${this.#number} `;
    // The last bytes differ from line to line: they are what tells a file from another that was written over it.
    const end = ` ${hashOf(start)}`;
    const room = (exactBytes ?? Number.POSITIVE_INFINITY) - start.length - end.length - ending.length;
    const text = start + filler.slice(0, Math.max(0, room)) + end;
    return { number: this.#number, bytes: Buffer.from(text + ending), endingBytes: ending.length, hash: hashOf(text) };
  }

  #fillerBytes(): number {
    const lot = this.#random.next();
    if (lot < 0.02) return this.#random.whole(2_000, 20_000);
    return lot < 0.5 ? this.#random.whole(0, 30) : this.#random.whole(30, 300);
  }
}
