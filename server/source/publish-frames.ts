import { HeldBytes } from './publish-held.ts';

const LF = 10;
const CR = 13;
const COLON = 0x3a;
const SPACE = 0x20;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const DATA = Buffer.from('data');
const EVENT = Buffer.from('event');
const BREAK = Buffer.from('\n');
/** `data: ` before the longest data there may be. A type that is longer than this will not do either. */
const LONGEST_FIELD = 'data: '.length;

/** What a frame of an event stream says. */
export interface PublishedFrame {
  /** Undefined where it is over the limit. */
  readonly data: Buffer | undefined;
  /** Not checked. */
  readonly type: Buffer | undefined;
}

/**
 * Takes an event stream apart as EventSource does (WHATWG HTML §9.2.6), the same wherever its bytes are cut: what no blank line has ended
 * is no event, nor is a frame without data. Comments and other fields than `event` and `data` are passed over. Data over `maxBytes` is
 * not held.
 */
export class PublishedFrames {
  readonly #onFrame: (frame: PublishedFrame) => void;
  readonly #line: HeldBytes;
  readonly #data: HeldBytes;
  readonly #maxLineBytes: number;
  #type: Buffer | undefined;
  #hasData = false;
  #isTooLarge = false;
  #isAfterCr = false;
  #isFirstLine = true;

  constructor(maxBytes: number, onFrame: (frame: PublishedFrame) => void) {
    this.#onFrame = onFrame;
    this.#maxLineBytes = maxBytes + LONGEST_FIELD;
    this.#line = new HeldBytes(this.#maxLineBytes);
    this.#data = new HeldBytes(maxBytes);
  }

  push(chunk: Buffer): void {
    let at = this.#isAfterCr && chunk[0] === LF ? 1 : 0;
    if (chunk.length > 0) this.#isAfterCr = false;
    let nextCr = chunk.indexOf(CR, at);
    while (at < chunk.length) {
      const lf = chunk.indexOf(LF, at);
      if (nextCr >= 0 && nextCr < at) nextCr = chunk.indexOf(CR, at);
      const isCr = nextCr >= 0 && (lf < 0 || nextCr < lf);
      const end = isCr ? nextCr : lf;
      if (end < 0) break;
      this.#endLine(chunk.subarray(at, end));
      at = end + 1;
      if (isCr && at === chunk.length) this.#isAfterCr = true;
      else if (isCr && chunk[at] === LF) at += 1;
    }
    if (at < chunk.length) this.#line.add(chunk.subarray(at));
  }

  #endLine(segment: Buffer): void {
    let line: Buffer | undefined = segment;
    if (this.#line.length > 0) {
      this.#line.add(segment);
      line = this.#line.take();
    }
    if (line === undefined || line.length > this.#maxLineBytes) this.#tooLong();
    else if (this.#isFirstLine && line.subarray(0, 3).equals(BYTE_ORDER_MARK)) this.#take(line.subarray(3));
    else this.#take(line);
    this.#isFirstLine = false;
  }

  /** It may have been a comment, but what it was is not held. */
  #tooLong(): void {
    this.#isTooLarge = true;
    this.#hasData = true;
  }

  #take(line: Buffer): void {
    if (line.length === 0) this.#endFrame();
    else this.#takeField(line);
  }

  #takeField(line: Buffer): void {
    const colon = line.indexOf(COLON);
    const nameEnd = colon < 0 ? line.length : colon;
    const isData = nameEnd === DATA.length && line.indexOf(DATA) === 0;
    if (!isData && !(nameEnd === EVENT.length && line.indexOf(EVENT) === 0)) return;
    const start = line[nameEnd + 1] === SPACE ? nameEnd + 2 : nameEnd + 1;
    const value = line.subarray(Math.min(start, line.length));
    if (isData) this.#addData(value);
    else this.#type = Buffer.from(value);
  }

  #addData(value: Buffer): void {
    if (this.#hasData) this.#data.add(BREAK);
    this.#data.add(value);
    this.#hasData = true;
  }

  #endFrame(): void {
    const data = this.#data.take();
    const type = this.#type?.length === 0 ? undefined : this.#type;
    const hasData = this.#hasData;
    const isTooLarge = this.#isTooLarge;
    this.#type = undefined;
    this.#hasData = false;
    this.#isTooLarge = false;
    if (hasData) this.#onFrame({ data: isTooLarge ? undefined : data, type });
  }
}
