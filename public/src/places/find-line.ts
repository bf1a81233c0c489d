import { requestPage } from '../connection/page-request.ts';
import type { OpenHistory } from '../history.ts';
import type { Chunk } from '../log/chunk.ts';
import type { ChunkStore, Place } from '../log/chunk-store.ts';
import type { Lines } from '../log/lines.ts';
import { type Anchor, formatAnchor, LINE_BEFORE } from './anchor.ts';

/** How far from where it should be a line is looked for: the page knows bytes of lines exactly only where they are plain UTF-8. */
const NEAR_ROWS = 200;

/** The line is not in the feed any more. */
export class LineGone extends Error {
  constructor(anchor: Anchor, options?: ErrorOptions) {
    super(`${formatAnchor(anchor)} is gone`, options);
  }
}

export interface FeedLines {
  readonly name: string;
  readonly store: ChunkStore;
  readonly history: OpenHistory;
}

/** The row at `anchor`, loaded if it is not there; undefined where that was overtaken. Throws `LineGone`, or what the network does. */
export async function findLine(feed: FeedLines, anchor: Anchor, signal: AbortSignal): Promise<Place | undefined> {
  const here = loadedLine(feed.store, anchor);
  // Of a line that was sifted those around it are wanted too.
  if (here !== undefined && here.chunk.sifted === undefined) return here;
  if (anchor.skip === LINE_BEFORE) return findLineBefore(feed, anchor, signal);
  const [byte, text] = await Promise.all([byteOf(feed.name, anchor, signal), textOf(feed.name, anchor, signal)]);
  const place = await feed.history.goTo(byte, true);
  if (place === undefined) return undefined;
  return nearest(feed.store, walk(feed.store, place.chunk, place.index, anchor.skip) ?? place, text);
}

/** A page of one line that ends at the cursor tells where it is, and what it says. */
async function findLineBefore(feed: FeedLines, anchor: Anchor, signal: AbortSignal): Promise<Place | undefined> {
  const { open, lines, count } = await requestPage(feed.name, { before: anchor.cursor }, signal, 1);
  if (open.start === 'gap' || open.extent === undefined || count === 0) throw new LineGone(anchor);
  const place = await feed.history.goTo(open.extent.from, true);
  return place === undefined ? undefined : nearest(feed.store, place, lastText(lines));
}

/** The place of the first line of that time or later; undefined where there is none yet. */
export async function cursorAt(name: string, ms: number, signal: AbortSignal): Promise<string | undefined> {
  const since = new Date(ms).toISOString();
  const { lines, count } = await requestPage(name, { since, until: 'head' }, signal, 1);
  return count === 0 ? undefined : lines.since;
}

/** Where it is loaded: by the cursors of chunks. */
export function loadedLine(store: ChunkStore, { cursor, skip }: Anchor): Place | undefined {
  if (skip === LINE_BEFORE) return loadedBefore(store, cursor);
  const chunk = store.chunks.find(({ since }) => since === cursor);
  return chunk === undefined ? undefined : walk(store, chunk, 0, skip);
}

function loadedBefore(store: ChunkStore, cursor: string): Place | undefined {
  for (const chunk of store.chunks) {
    const index =
      chunk.sifted === undefined && chunk.until === cursor ? chunk.count - 1 : (chunk.sifted?.ids.indexOf(cursor) ?? -1);
    if (index >= 0 && !chunk.isNote(index)) return { chunk, index };
  }
  return undefined;
}

/** So many lines on, through chunks that follow one another. */
function walk(store: ChunkStore, start: Chunk, from: number, skip: number): Place | undefined {
  let left = skip;
  for (let chunk: Chunk | undefined = start, index = from; chunk !== undefined; chunk = nextOf(store, chunk), index = 0) {
    for (; index < chunk.count; index += 1) {
      if (chunk.isNote(index)) continue;
      if (left === 0) return { chunk, index };
      left -= 1;
    }
  }
  return undefined;
}

function nextOf(store: ChunkStore, chunk: Chunk): Chunk | undefined {
  const next = store.behind(chunk);
  return next?.hasHoleBefore === true ? undefined : next;
}

/** Where among the bytes of the feed the cursor is: a page that ends there tells. */
async function byteOf(name: string, anchor: Anchor, signal: AbortSignal): Promise<number> {
  const { open } = await requestPage(name, { before: anchor.cursor }, signal, 1);
  if (open.start === 'gap' || open.extent?.until === undefined) throw new LineGone(anchor);
  return open.extent.until;
}

/** What the line says; undefined where lines are so long that an answer does not reach to it. */
async function textOf(name: string, anchor: Anchor, signal: AbortSignal): Promise<string | undefined> {
  const page = await requestPage(name, { since: anchor.cursor, until: 'head' }, signal, anchor.skip + 1);
  const { lines, open, count, isFull } = page;
  if (open.start === 'gap' || (count <= anchor.skip && !isFull)) throw new LineGone(anchor);
  if (count <= anchor.skip) return undefined;
  return lastText(lines);
}

function lastText(lines: Lines): string {
  const notes = new Set(lines.notes.map(([row]) => row));
  let last = lines.count - 1;
  while (notes.has(last)) last -= 1;
  return new TextDecoder().decode(lines.text.subarray(last === 0 ? 0 : lines.ends[last - 1], lines.ends[last]));
}

function nearest(store: ChunkStore, { chunk, index }: Place, text: string | undefined): Place {
  if (text === undefined) return { chunk, index };
  const has = (place: Place) => place.index >= 0 && place.index < place.chunk.count && place.chunk.text(place.index) === text;
  for (let away = 0; away < NEAR_ROWS; away += 1) {
    for (const place of [
      { chunk, index: index + away },
      { chunk, index: index - away },
    ])
      if (has(place)) return place;
  }
  const [before, behind] = [store.ahead(chunk), store.behind(chunk)];
  for (const other of [behind, before]) {
    const found = other === undefined ? -1 : rowsOf(other).find((row) => has({ chunk: other, index: row }));
    if (other !== undefined && found !== undefined && found >= 0) return { chunk: other, index: found };
  }
  return { chunk, index };
}

function rowsOf({ count }: Chunk): number[] {
  return Array.from({ length: count }, (_, row) => row);
}
