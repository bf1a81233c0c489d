/**
 * The oracle: what a reader must see of a file, found from the file's bytes by a program that shares no code with the service.
 *
 *     node oracle.mjs FILE...     prints {"lines": [...], "rest": "..."}, one after the other for several files
 *
 * Lines end at LF; one CR before it is dropped; CRLF or CR inside is a line break of the line; a byte order mark at the start of the
 * file is dropped; invalid UTF-8 becomes U+FFFD as the WHATWG Encoding Standard says. `rest` is what follows the last LF.
 */
import { readFileSync } from 'node:fs';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function textOf(bytes) {
  return decoder.decode(bytes).replace(/\r\n|\r/g, '\n');
}

function linesOf(bytes) {
  const lines = [];
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let at = start; at < bytes.length; at += 1) {
    if (bytes[at] !== 10) continue;
    const end = at > start && bytes[at - 1] === 13 ? at - 1 : at;
    lines.push(textOf(bytes.subarray(start, end)));
    start = at + 1;
  }
  return { lines, rest: textOf(bytes.subarray(start)) };
}

const seen = process.argv.slice(2).map((path) => linesOf(readFileSync(path)));
process.stdout.write(JSON.stringify({ lines: seen.flatMap(({ lines }) => lines), rest: seen.at(-1)?.rest ?? '' }));
