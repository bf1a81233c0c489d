import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const SAMPLE_BYTES = 8 * 1024;
/** Runs of NUL this long are holes (copytruncate, power loss); shorter ones are numbers in a binary format. */
const HOLE_BYTES = 32;

/** What files begin with that are no logs. Most would be found by their NULs; these are told by name. */
const MAGIC: readonly (readonly [words: string, at: number, bytes: Buffer])[] = [
  ['compressed with gzip', 0, Buffer.from([0x1f, 0x8b])],
  ['compressed with zstd', 0, Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['compressed with xz', 0, Buffer.from('\xfd7zXZ\0', 'latin1')],
  ['compressed with bzip2', 4, Buffer.from('1AY&SY', 'latin1')],
  ['compressed with lz4', 0, Buffer.from([0x04, 0x22, 0x4d, 0x18])],
  ['a zip archive', 0, Buffer.from('PK\x03\x04', 'latin1')],
  ['a tar archive', 257, Buffer.from('ustar', 'latin1')],
  ['a program (ELF)', 0, Buffer.from('\x7fELF', 'latin1')],
  ['a SQLite database', 0, Buffer.from('SQLite format 3\0', 'latin1')],
  ['a systemd journal (journalctl -f | livefeed - follows it)', 0, Buffer.from('LPKSHHRH', 'latin1')],
  ['a PNG image', 0, Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
  ['a JPEG image', 0, Buffer.from([0xff, 0xd8, 0xff])],
  ['a GIF image', 0, Buffer.from('GIF89a', 'latin1')],
  ['a PDF document', 0, Buffer.from('%PDF-', 'latin1')],
  ['UTF-32 text, which is not supported', 0, Buffer.from([0xff, 0xfe, 0x00, 0x00])],
];

/** Why a file is not text, in words; undefined where it is, or is empty. Throws what opening and reading throw. */
export async function binaryReason(path: string): Promise<string | undefined> {
  // Without NONBLOCK, opening a pipe that took the file's place would wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    const head = await sample(file, 0);
    const end = isAllHole(head) && size > 2 * SAMPLE_BYTES ? await sample(file, size - SAMPLE_BYTES) : head;
    return magicReason(head) ?? nulReason(end);
  } finally {
    await file.close();
  }
}

async function sample(file: FileHandle, at: number): Promise<Buffer> {
  const buffer = Buffer.alloc(SAMPLE_BYTES);
  const { bytesRead } = await file.read(buffer, 0, SAMPLE_BYTES, at);
  return buffer.subarray(0, bytesRead);
}

function magicReason(head: Buffer): string | undefined {
  const found = MAGIC.find(([, at, bytes]) => head.subarray(at, at + bytes.length).equals(bytes));
  return found === undefined ? undefined : `is ${found[0]}`;
}

function nulReason(bytes: Buffer): string | undefined {
  if (isUtf16(bytes)) return undefined;
  for (let at = bytes.indexOf(0); at !== -1; ) {
    const end = endOfRun(bytes, at);
    const hole = at === 0 || end === bytes.length || end - at >= HOLE_BYTES;
    if (!hole) return 'is binary: it has NUL bytes between others';
    at = bytes.indexOf(0, end);
  }
  return undefined;
}

function isUtf16(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function isAllHole(bytes: Buffer): boolean {
  return bytes.length > 0 && endOfRun(bytes, 0) === bytes.length;
}

function endOfRun(bytes: Buffer, from: number): number {
  let end = from;
  while (end < bytes.length && bytes[end] === 0) end += 1;
  return end;
}
