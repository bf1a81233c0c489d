import type { Cursor } from '../cursor.ts';
import type { Gap, Located, Start } from '../log.ts';
import type { Position } from '../position.ts';
import { extentOf, findByte } from './byte-places.ts';
import { eventsBack } from './events-back.ts';
import { NO_FILE_HINT, noFileCursor, parseFileCursor } from './file-cursor.ts';
import { findRange } from './find-cursor.ts';
import { findTime } from './find-time.ts';
import type { Generation } from './generation.ts';
import type { Generations } from './generations.ts';
import { canRead, lastLineEnd } from './line-start.ts';
import { pageBefore } from './page.ts';
import type { Search } from './search.ts';
import { cursorAt } from './shared-beginning.ts';

/** The position of a file log that has no file yet. */
export const BEFORE_FILE: Position = { generation: 0, offset: 0 };

/** Finds a start. `live` is where the tail stands, if one reads now: that is the head then. */
export async function locate(search: Search, start: Start, live: Position | undefined): Promise<Located> {
  const { generations, signal } = search;
  if (start.at !== 'head') await loadWhatIsNeeded(search, start);
  if (generations.newest === undefined) return nothingYet(start);
  const head = live ?? (await findHead(generations.newest));
  switch (start.at) {
    case 'head':
      return describe(search, head, 'head');
    case 'oldest':
      return describe(search, startOf(generations.readable[0]), 'oldest');
    case 'last':
      return describe(search, await findLast(search, head, start.count), 'last');
    case 'time': {
      const found = await findTime(generations.readable, head, start.ms, signal);
      return describe(search, found.position, found.by);
    }
    case 'byte': {
      const position = await findByte(generations.readable, head, start.byte, signal);
      return {
        ...(await describe(search, position, 'byte')),
        extent: await extentOf(generations.readable, { from: position, head }),
      };
    }
    case 'cursor':
      return locateCursor(search, start.cursor, start.until);
    case 'before': {
      const end = start.cursor === 'head' ? await describe(search, head, 'before') : await locateCursor(search, start.cursor);
      const found = await locatePage(search, end, start.count);
      if (found.page === undefined || found.gap !== undefined) return found;
      const places = { from: found.position, until: found.page.end, head };
      return { ...found, extent: await extentOf(generations.readable, places) };
    }
  }
}

export async function findHead(generation: Generation): Promise<Position> {
  await generation.look();
  return { generation: generation.ordinal, offset: await lastLineEnd(generation, generation.size) };
}

/** The older parts in the folder are opened only for those who ask for what may lie in them. */
async function loadWhatIsNeeded({ generations, inTurn }: Search, start: Start): Promise<void> {
  const isHistory = ['oldest', 'time', 'byte', 'before'].includes(start.at);
  if (isHistory || generations.newest === undefined) await inTurn(() => generations.loadOlder());
}

function nothingYet(start: Start): Located {
  const located = { position: BEFORE_FILE, cursor: noFileCursor() };
  const page = start.at === 'before' ? { page: { end: BEFORE_FILE, isOldest: true } } : {};
  const cursor = start.at === 'cursor' || start.at === 'before' ? start.cursor : 'head';
  if (cursor === 'head') return { ...located, ...page, by: start.at };
  const isOurs = parseFileCursor(cursor)?.hint === NO_FILE_HINT;
  return isOurs
    ? { ...located, ...page, by: start.at === 'before' ? 'before' : 'resumed' }
    : { ...located, ...page, by: 'gap', gap: { reason: 'removed', bytes: null, events: null } };
}

async function describe({ generations }: Search, position: Position, by: string): Promise<Located> {
  const generation = generations.get(position.generation);
  const cursor = await cursorAt(generations, position);
  // Whoever reads on inflates it in any case; how it can be read is known only then.
  if (generation?.isArchive && generation.fate === 'readable') await canRead(generation);
  const isLinear = generations.readable.some((each) => each.ordinal >= position.generation && each.isLinear);
  return { position, cursor, by, ...(isLinear ? { isLinear } : {}) };
}

/** Counts back in what is open; where that is too little, in the older parts as well. */
async function findLast({ generations, inTurn, signal }: Search, head: Position, count: number): Promise<Position> {
  const found = await eventsBack(generations, head, count, signal);
  if (!found.isAll) return found.position;
  await inTurn(() => generations.loadOlder());
  return (await eventsBack(generations, head, count, signal)).position;
}

async function locateCursor(search: Search, text: Cursor, until?: Cursor): Promise<Located> {
  const { generations, inTurn } = search;
  const cursor = parseFileCursor(text);
  if (cursor?.hint === NO_FILE_HINT) {
    await inTurn(() => generations.loadOlder());
    return describe(search, startOf(generations.readable[0]), 'resumed');
  }
  const end = until === undefined ? undefined : parseFileCursor(until);
  const found = cursor === undefined ? undefined : await findRange(search, cursor, end);
  if (found?.kind === 'place') return describe(search, found.position, 'resumed');
  await inTurn(() => generations.loadOlder());
  const gap: Gap = { reason: found?.reason ?? 'unknown', bytes: null, events: null };
  return { ...(await describe(search, found?.position ?? startOf(generations.readable[0]), 'gap')), gap };
}

/** A page that ends where `end` is. Where that place is gone, an empty one, from which it goes on backwards. */
async function locatePage(search: Search, end: Located, count: number): Promise<Located> {
  const { generations, signal } = search;
  const { position, isOldest } = await pageBefore(generations, end.position, end.gap === undefined ? count : 0, signal);
  const page = { end: end.position, isOldest };
  if (end.gap !== undefined) return { ...end, page };
  const lost = isOldest ? lostBefore(generations) : {};
  return { ...(await describe(search, position, 'before')), page, ...lost };
}

/** What lies before the oldest that can be read, if there is something. */
function lostBefore({ all, readable }: Generations): { gap?: Gap } {
  const lost = all[all.length - readable.length - 1];
  if (lost === undefined || lost.fate === 'readable') return {};
  return { gap: { reason: lost.fate, bytes: null, events: null } };
}

function startOf(generation: Generation | undefined): Position {
  return generation === undefined ? BEFORE_FILE : { generation: generation.ordinal, offset: 0 };
}
