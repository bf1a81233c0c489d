/**
 * The oracle: what a reader must see of a file, found from the file's bytes by a program that shares no code with the service.
 *
 *     node oracle.mjs FILE...     prints {"lines": [...], "rest": "..."}, one after the other for several files
 *
 * A byte order mark at the start of the file says whether it is UTF-16 and is dropped; else it is UTF-8. What is not well-formed
 * becomes U+FFFD as the WHATWG Encoding Standard says. Lines end at LF; one CR before it is dropped; CRLF or CR inside is a line break
 * of the line. NULs at the start of a line are dropped, and so are 16 or more of them in a row anywhere. `rest` is what follows the
 * last LF, without the NULs that the file ends with.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

function encodingOf([first, second]) {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

function textOf(line) {
  return line
    .replace(/\r$/, '')
    .replace(/^\0+|\0{16,}/g, '')
    .replace(/\r\n?/g, '\n');
}

function withoutNulsAtEnd(text) {
  let end = text.length;
  while (end > 0 && text[end - 1] === '\0') end -= 1;
  return text.slice(0, end);
}

export function linesOf(bytes) {
  const lines = new TextDecoder(encodingOf(bytes)).decode(bytes).split('\n');
  const rest = withoutNulsAtEnd(lines.pop());
  return { lines: lines.map(textOf), rest: textOf(`${rest}\r`) };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const seen = process.argv.slice(2).map((path) => linesOf(readFileSync(path)));
  process.stdout.write(JSON.stringify({ lines: seen.flatMap(({ lines }) => lines), rest: seen.at(-1)?.rest ?? '' }));
}
