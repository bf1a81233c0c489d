import { get } from 'node:http';
import { EventSource } from 'eventsource';
import type { Scope } from '../test/e2e/child.ts';

/** What one reader has been given: lines are numbered from 0 on. */
export interface Tally {
  next: number;
  lost: number;
  doubled: number;
  gaps: number;
}

const DATA = Buffer.from('\ndata: ');
const SPACE = 32;
const ZERO = 48;

/** Reads with eventsource 4 and tells when each line arrived. */
export function measuringReader(scope: Scope, url: string, onLine: (number: number, sentAt: bigint) => void): Tally {
  const tally = newTally();
  const source = new EventSource(url);
  source.addEventListener('message', ({ data }) => {
    const [number = '', sentAt = ''] = data.split(' ', 2);
    count(tally, Number(number));
    onLine(Number(number), BigInt(sentAt));
  });
  source.addEventListener('feed.gap', () => {
    tally.gaps += 1;
  });
  scope.after(async () => source.close());
  return tally;
}

/** Reads the same stream from a bare socket and only counts: 100 full clients would be a benchmark of clients. */
export function countingReader(scope: Scope, url: string): Tally {
  const tally = newTally();
  const request = get(url, { agent: false, headers: { accept: 'text/event-stream' } }, (response) => {
    let kept: Buffer = Buffer.alloc(0);
    response.on('data', (chunk: Buffer) => {
      kept = countLines(tally, kept.length === 0 ? chunk : Buffer.concat([kept, chunk]));
    });
  });
  request.on('error', () => {});
  scope.after(async () => void request.destroy());
  return tally;
}

/** Counts the finished lines of data in `bytes`; returns what has to be seen again with what follows. */
function countLines(tally: Tally, bytes: Buffer): Buffer {
  let from = 0;
  for (;;) {
    const data = bytes.indexOf(DATA, from);
    if (data < 0) return Buffer.from(bytes.subarray(Math.max(from, bytes.length - DATA.length)));
    const number = data + DATA.length;
    const space = bytes.indexOf(SPACE, number);
    if (space < 0) return Buffer.from(bytes.subarray(data));
    // The data of control events is JSON: no number, and not counted.
    if (isDigit(bytes[number])) count(tally, Number(bytes.toString('latin1', number, space)));
    from = space;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte < ZERO + 10;
}

function count(tally: Tally, number: number): void {
  if (number < tally.next) tally.doubled += 1;
  else {
    tally.lost += number - tally.next;
    tally.next = number + 1;
  }
}

function newTally(): Tally {
  return { next: 0, lost: 0, doubled: 0, gaps: 0 };
}
