import type { Gap, Located, Start } from '../log.ts';
import type { Position } from '../position.ts';
import { NO_FILE_HINT, noFileCursor, parseFileCursor } from './file-cursor.ts';
import { findCursor } from './find-cursor.ts';
import type { Generation } from './generation.ts';
import type { Generations } from './generations.ts';
import { lastLineEnd, linesBack } from './line-start.ts';

/** The position of a file log that has no file yet. */
export const BEFORE_FILE: Position = { generation: 0, offset: 0 };

/** Finds a start. `live` is where the tail stands, if one reads now: that is the head then. */
export async function locate(generations: Generations, start: Start, live: Position | undefined): Promise<Located> {
  if (start.at !== 'head') await loadWhatIsNeeded(generations, start);
  if (generations.newest === undefined) return nothingYet(start);
  const head = live ?? (await findHead(generations.newest));
  switch (start.at) {
    case 'head':
      return describe(generations, head, 'head');
    case 'oldest':
      return describe(generations, startOf(generations.readable[0]), 'oldest');
    case 'last':
      return describe(generations, await findLast(generations, head, start.count), 'last');
    case 'time':
      return locateTime(generations, head, start.ms);
    case 'cursor':
      return locateCursor(generations, start.cursor);
  }
}

export async function findHead(generation: Generation): Promise<Position> {
  await generation.look();
  return { generation: generation.ordinal, offset: await lastLineEnd(generation, generation.size) };
}

/** The older parts in the folder are opened only for those who ask for what may lie in them. */
async function loadWhatIsNeeded(generations: Generations, start: Start): Promise<void> {
  if (start.at === 'oldest' || start.at === 'time' || generations.newest === undefined) await generations.loadOlder();
}

function nothingYet(start: Start): Located {
  if (start.at !== 'cursor') return { position: BEFORE_FILE, cursor: noFileCursor(), by: start.at };
  const isOurs = parseFileCursor(start.cursor)?.hint === NO_FILE_HINT;
  const located = { position: BEFORE_FILE, cursor: noFileCursor() };
  return isOurs
    ? { ...located, by: 'resumed' }
    : { ...located, by: 'gap', gap: { reason: 'removed', bytes: null, events: null } };
}

async function describe(generations: Generations, position: Position, by: string): Promise<Located> {
  const generation = generations.get(position.generation);
  const cursor = generation === undefined ? noFileCursor() : await generation.cursorAt(position.offset);
  return { position, cursor, by };
}

/** Counts back in what is open; where that is too little, in the older parts as well. */
async function findLast(generations: Generations, head: Position, count: number): Promise<Position> {
  const found = await linesBack(generations.readable, head, count);
  if (count === 0 || found.offset > 0 || found.generation !== generations.readable[0]?.ordinal) return found;
  await generations.loadOlder();
  return linesBack(generations.readable, head, count);
}

/** By the time of the files: all of those written to since then. */
async function locateTime(generations: Generations, head: Position, ms: number): Promise<Located> {
  const since = generations.readable.find(({ mtimeMs }) => mtimeMs >= ms);
  return describe(generations, since === undefined ? head : startOf(since), 'file-time');
}

async function locateCursor(generations: Generations, text: string): Promise<Located> {
  const cursor = parseFileCursor(text);
  if (cursor?.hint === NO_FILE_HINT) {
    await generations.loadOlder();
    return describe(generations, startOf(generations.readable[0]), 'resumed');
  }
  const found = cursor === undefined ? undefined : await findCursor(generations, cursor);
  if (found?.kind === 'place') return describe(generations, found.position, 'resumed');
  await generations.loadOlder();
  const gap: Gap = { reason: found?.reason ?? 'unknown', bytes: null, events: null };
  return { ...(await describe(generations, found?.position ?? startOf(generations.readable[0]), 'gap')), gap };
}

function startOf(generation: Generation | undefined): Position {
  return generation === undefined ? BEFORE_FILE : { generation: generation.ordinal, offset: 0 };
}
