import type { Located, Start } from '../log.ts';
import type { Position } from '../position.ts';
import { type FileCursor, fitsContent, NO_FILE_HINT, noFileCursor, parseFileCursor } from './file-cursor.ts';
import type { Generation } from './generation.ts';
import type { Generations } from './generations.ts';
import { lastLineEnd, linesBack } from './line-start.ts';

/** The position of a file log that has no file yet. */
export const BEFORE_FILE: Position = { generation: 0, offset: 0 };

/** Finds a start in the generations there are. `live` is where the tail stands, if one reads now: that is the head then. */
export async function locate(generations: Generations, start: Start, live: Position | undefined): Promise<Located> {
  if (generations.newest === undefined)
    return { position: BEFORE_FILE, cursor: noFileCursor(), by: start.at === 'cursor' ? 'resumed' : start.at };
  const readable = generations.readable;
  const oldest = readable[0] as Generation;
  const head = live ?? (await findHead(readable.at(-1) as Generation));
  switch (start.at) {
    case 'head':
      return describe(generations, head, 'head');
    case 'oldest':
      return describe(generations, { generation: oldest.ordinal, offset: 0 }, 'oldest');
    case 'last':
      return describe(generations, await linesBack(readable, head, start.count), 'last');
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

async function describe(generations: Generations, position: Position, by: string): Promise<Located> {
  const generation = generations.get(position.generation);
  const cursor = generation === undefined ? noFileCursor() : await generation.cursorAt(position.offset);
  return { position, cursor, by };
}

/** By the time of the files: all of those written to since then. */
async function locateTime(generations: Generations, head: Position, ms: number): Promise<Located> {
  for (const generation of generations.readable) {
    const stats = await generation.look();
    if (Number(stats.mtimeMs) >= ms) return describe(generations, { generation: generation.ordinal, offset: 0 }, 'file-time');
  }
  return describe(generations, head, 'file-time');
}

/** Content decides; the hint only breaks ties; several that fit are never guessed between. */
async function locateCursor(generations: Generations, text: string): Promise<Located> {
  const cursor = parseFileCursor(text);
  const oldest = generations.readable[0] as Generation;
  if (cursor === undefined) return gapAt(generations, oldest, 'unknown');
  if (cursor.hint === NO_FILE_HINT) return describe(generations, { generation: oldest.ordinal, offset: 0 }, 'resumed');
  const fitting: Generation[] = [];
  for (const generation of generations.readable) if (await fits(generation, cursor)) fitting.push(generation);
  const hinted = fitting.filter((generation) => generation.hint === cursor.hint);
  const chosen = hinted.length === 1 ? hinted[0] : cursor.offset > 0 && fitting.length === 1 ? fitting[0] : undefined;
  if (chosen !== undefined) return describe(generations, { generation: chosen.ordinal, offset: cursor.offset }, 'resumed');
  if (fitting.length > 1) return gapAt(generations, oldest, 'ambiguous');
  const isCut = generations.readable.some((generation) => generation.hint === cursor.hint);
  return gapAt(generations, oldest, isCut ? 'truncated' : 'unknown');
}

async function fits(generation: Generation, cursor: FileCursor): Promise<boolean> {
  await generation.look();
  if (generation.size < cursor.offset) return false;
  return fitsContent(cursor, generation.head, await generation.readContext(cursor.offset));
}

async function gapAt(
  generations: Generations,
  generation: Generation,
  reason: 'unknown' | 'ambiguous' | 'truncated',
): Promise<Located> {
  const position = { generation: generation.ordinal, offset: 0 };
  return { ...(await describe(generations, position, 'gap')), gap: { reason, bytes: null, events: null } };
}
