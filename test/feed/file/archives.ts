import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Archive } from '../../../server/feed/file/archive.ts';
import type { ArchiveCache } from '../../../server/feed/file/archive-cache.ts';
import { OpenFile } from '../../../server/feed/file/open-file.ts';

/** `bytes` of numbered lines: a read at a wrong place shows. */
export function numberedText(bytes: number, seed = 0): Buffer {
  const lines: string[] = [];
  for (let index = 0, length = 0; length < bytes; index += 1) {
    const line = `${seed} line ${index} ${(index * 2_654_435_761) % 4_294_967_296}\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join('')).subarray(0, bytes);
}

/** A folder that goes with the test. */
export function testFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeArchive(folder: string, name: string, content: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, gzipSync(content, { level: 1 }));
  return path;
}

/** An archive on an open file of its own, and how many compressed bytes have been read through it. */
export async function openArchive(cache: ArchiveCache, path: string): Promise<{ archive: Archive; counted: { bytes: number } }> {
  const file = await OpenFile.open(path);
  if (file === undefined) throw new Error(`${path} is not there`);
  const counted = { bytes: 0 };
  const read = file.read.bind(file);
  file.read = async (position, length) => {
    const bytes = await read(position, length);
    counted.bytes += bytes.length;
    return bytes;
  };
  return { archive: await cache.open(file), counted };
}

/** Files that this process has open; undefined where the system does not tell. */
export function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
