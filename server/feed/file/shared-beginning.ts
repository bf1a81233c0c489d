import type { Cursor } from '../cursor.ts';
import type { Position } from '../position.ts';
import { noFileCursor } from './file-cursor.ts';
import { HEAD_BYTES } from './fingerprint.ts';
import type { Generation } from './generation.ts';
import type { Generations } from './generations.ts';

/** No banner is longer: contents that begin alike for so long are copies of one another. */
const MOST_SHARED = 64 * 1024;

/**
 * Finds out how far a content, up to `end`, begins as those before and after it do (a banner, a header): what lies there does not tell
 * whose place it is, and the cursors of these places say so.
 */
export async function findShared(generation: Generation, all: readonly Generation[], end: number): Promise<void> {
  const { cursors } = generation;
  const most = Math.min(end, MOST_SHARED);
  for (const other of neighboursOf(generation, all))
    cursors.sharedTo = Math.max(cursors.sharedTo, await commonTo(generation, other, most));
}

/** Whether what is read from `offset` on may be what another content has there too. */
export function mayBeShared({ cursors }: Generation, offset: number): boolean {
  return offset <= cursors.sharedTo && offset < MOST_SHARED;
}

/** Whether what lies before `offset` may be what each of the contents of a file begins with. */
export function mayBegin({ cursors }: Generation, offset: number): boolean {
  return offset <= Math.max(HEAD_BYTES, cursors.sharedTo);
}

/** The cursor of a place that nobody has read up to. */
export async function cursorAt(generations: Generations, { generation: ordinal, offset }: Position): Promise<Cursor> {
  const generation = generations.get(ordinal);
  if (generation === undefined) return noFileCursor();
  if (offset > generation.cursors.sharedTo && offset <= MOST_SHARED) await findShared(generation, generations.all, offset);
  return generation.cursorAt(offset);
}

function neighboursOf(generation: Generation, all: readonly Generation[]): Generation[] {
  const place = all.indexOf(generation);
  const isThere = ({ fate }: Generation) => fate === 'readable';
  const before = all.slice(0, Math.max(0, place)).findLast(isThere);
  const after = all.slice(place + 1).find(isThere);
  return [before, after].filter((each) => each !== undefined);
}

async function commonTo(generation: Generation, other: Generation, most: number): Promise<number> {
  const ofHeads = commonLength(generation.head, other.head);
  if (ofHeads < HEAD_BYTES || most <= HEAD_BYTES) return Math.min(ofHeads, most);
  const starts = await Promise.all([generation.readStart(most), other.readStart(most)]).catch(() => undefined);
  return starts === undefined ? ofHeads : commonLength(...starts);
}

function commonLength(a: Buffer, b: Buffer): number {
  const most = Math.min(a.length, b.length);
  if (a.subarray(0, most).equals(b.subarray(0, most))) return most;
  let length = 0;
  while (a[length] === b[length]) length += 1;
  return length;
}
