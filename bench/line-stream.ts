import { connect, type Socket } from 'node:net';
import type { Scope } from '../test/e2e/child.ts';

/** What a stream has brought: lines are numbered from 0 on. */
export interface Tally {
  /** The number that comes next where nothing is lost. */
  next: number;
  lost: number;
  doubled: number;
  bytes: number;
  hasEnded: boolean;
}

/** What stands just before the number of a line, in each format. */
const MARKERS = { sse: '\ndata: ', batch: ',"data":"', ndjson: ',"data":"', text: '\n' };
export type Shape = keyof typeof MARKERS;

const ACCEPT: Readonly<Record<Shape, string>> = {
  sse: 'text/event-stream',
  batch: 'text/event-stream',
  ndjson: 'application/x-ndjson',
  text: 'text/plain',
};
const READ_BYTES = 256 * 1024;
/** What has to be seen again with the next read lies in front of it: never more than marker, number and time. */
const KEPT_BYTES = 64;
/** No line is shorter, so so much may be skipped behind a number. */
const LINE_BYTES = 100;
const LF = 10;
const SPACE = 32;
const ZERO = 48;

/**
 * Reads the lines of `path` from a bare socket into one buffer (`onread`): no stream, no copies, no client, so that the reader
 * keeps up with the server. Takes the chunked coding off, and of each line the number and the time behind it.
 */
export function streamLines(
  scope: Scope,
  at: { readonly port: number; readonly path: string; readonly shape: Shape },
  onLine: (number: number, sentAtNs: number) => void = () => {},
): Tally {
  const reader = new LineReader(MARKERS[at.shape], onLine);
  const socket: Socket = connect({
    host: '127.0.0.1',
    port: at.port,
    onread: { buffer: reader.target, callback: (length) => reader.read(length) },
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    reader.tally.hasEnded = true;
  });
  socket.write(`GET ${at.path} HTTP/1.1\r\nHost: 127.0.0.1:${at.port}\r\nAccept: ${ACCEPT[at.shape]}\r\n\r\n`);
  scope.after(async () => void socket.destroy());
  return reader.tally;
}

class LineReader {
  readonly tally: Tally = { next: 0, lost: 0, doubled: 0, bytes: 0, hasEnded: false };
  readonly #buffer = Buffer.alloc(KEPT_BYTES + READ_BYTES);
  readonly #marker: Buffer;
  readonly #onLine: (number: number, sentAtNs: number) => void;
  /** The buffer's bytes from here up to KEPT_BYTES are left from the read before. */
  #keptFrom = KEPT_BYTES;
  /** Still to be skipped of a line whose number has been taken. */
  #skip = 0;
  #isHead = true;
  #head = '';
  /** Left of the chunk that has begun; 0: a size comes next. */
  #chunkLeft = 0;
  #sizeLine = '';

  constructor(marker: string, onLine: (number: number, sentAtNs: number) => void) {
    this.#marker = Buffer.from(marker);
    this.#onLine = onLine;
  }

  get target(): Buffer {
    return this.#buffer.subarray(KEPT_BYTES);
  }

  /** `length` bytes have been read into `target`. */
  read(length: number): boolean {
    this.tally.bytes += length;
    const end = KEPT_BYTES + length;
    let at = this.#isHead ? this.#readHead(end) : KEPT_BYTES;
    while (at < end) {
      if (this.#chunkLeft === 0) at = this.#readSize(at, end);
      else {
        const bodyEnd = Math.min(end, at + this.#chunkLeft);
        this.#chunkLeft -= bodyEnd - at;
        this.#keep(this.#readBody(this.#join(at), bodyEnd), bodyEnd);
        at = bodyEnd;
      }
    }
    return true;
  }

  /** The head of the answer ends with an empty line; what follows it begins a line. */
  #readHead(end: number): number {
    const before = this.#head.length;
    this.#head += this.#buffer.toString('latin1', KEPT_BYTES, end);
    const empty = this.#head.indexOf('\r\n\r\n');
    if (empty < 0) return end;
    this.#isHead = false;
    this.#buffer[KEPT_BYTES - 1] = LF;
    this.#keptFrom = KEPT_BYTES - 1;
    return KEPT_BYTES + empty + 4 - before;
  }

  /** The size of a chunk, in hexadecimal, on a line of its own; the CRLF behind the chunk before it is skipped with it. */
  #readSize(start: number, end: number): number {
    for (let at = start; at < end; at += 1) {
      const byte = this.#buffer[at] as number;
      if (byte !== LF) this.#sizeLine += String.fromCharCode(byte);
      else if (this.#sizeLine.trim() === '') this.#sizeLine = '';
      else {
        this.#chunkLeft = Number.parseInt(this.#sizeLine, 16);
        this.#sizeLine = '';
        return at + 1;
      }
    }
    return end;
  }

  /** Puts what was kept in front of the body at `at`, over the bytes there that have been read. */
  #join(at: number): number {
    const kept = KEPT_BYTES - this.#keptFrom;
    this.#buffer.copyWithin(at - kept, this.#keptFrom, KEPT_BYTES);
    return at - kept;
  }

  #keep(from: number, end: number): void {
    this.#skip = Math.max(0, from - end);
    this.#keptFrom = KEPT_BYTES - Math.max(0, end - from);
    this.#buffer.copyWithin(this.#keptFrom, from, end);
  }

  /** Takes the numbers of the lines in `[start, end)`; returns from where on it has to be read again. */
  #readBody(start: number, end: number): number {
    const bytes = this.#buffer;
    const marker = this.#marker;
    const first = marker[0] as number;
    const least = end - KEPT_BYTES + 1;
    let at = start + this.#skip;
    while (at < least) {
      if (bytes[at] !== first || !holds(bytes, at, marker)) at += 1;
      else at = this.#readLine(at + marker.length);
    }
    return at;
  }

  #readLine(start: number): number {
    // The data of control events is JSON: no number, and not counted.
    const number = readNumber(this.#buffer, start);
    if (number < 0) return start;
    let at = start;
    while (this.#buffer[at] !== SPACE) at += 1;
    this.#count(number);
    this.#onLine(number, readNumber(this.#buffer, at + 1));
    return start + LINE_BYTES;
  }

  #count(number: number): void {
    const { tally } = this;
    if (number < tally.next) tally.doubled += 1;
    else {
      tally.lost += number - tally.next;
      tally.next = number + 1;
    }
  }
}

function holds(bytes: Buffer, at: number, marker: Buffer): boolean {
  for (let index = 1; index < marker.length; index += 1) if (bytes[at + index] !== marker[index]) return false;
  return true;
}

/** The decimal number that a space ends; -1 where there is none. */
function readNumber(bytes: Buffer, start: number): number {
  let value = 0;
  for (let at = start; bytes[at] !== SPACE; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
