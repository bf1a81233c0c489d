import { closeSync, openSync, writeSync } from 'node:fs';

export const LINE_BYTES = 150;
const LINES_A_WRITE = 5_000;
/** One line in so many is not UTF-8, so that some are in every chunk that is read. */
const INVALID_EVERY = 500;
const MULTI_BYTE_EVERY = 20;

/** What stands in the lines: `plain` ASCII, or `odd`, where one line in 20 has multi-byte characters and one in 500 invalid bytes. */
export type Content = 'plain' | 'odd';

/** Writes a log of `megabytes` (2^20): lines of 150 bytes, numbered from 0 on, that end with CRLF. Returns how many. */
export function writeNumberedLog(path: string, megabytes: number, content: Content): number {
  const count = Math.floor((megabytes * 1024 * 1024) / LINE_BYTES);
  const file = openSync(path, 'w');
  for (let first = 0; first < count; first += LINES_A_WRITE) {
    const lines: Buffer[] = [];
    for (let number = first; number < Math.min(count, first + LINES_A_WRITE); number += 1) lines.push(line(number, content));
    writeSync(file, Buffer.concat(lines));
  }
  closeSync(file);
  return count;
}

function line(number: number, content: Content): Buffer {
  const bytes = Buffer.alloc(LINE_BYTES, 'x');
  bytes.write(
    `${number} 0 10.1.2.3 - - [23/Nov/2026:14:31:02 +0000] "GET /articles/${number % 977}?page=2 HTTP/1.1" 200 `,
    'latin1',
  );
  if (content === 'odd' && number % MULTI_BYTE_EVERY === 0) bytes.write('größer → 大きい 🙂', 110);
  if (content === 'odd' && number % INVALID_EVERY === 0) bytes[120] = 0xff;
  bytes.write('\r\n', LINE_BYTES - 2);
  return bytes;
}
