import { setImmediate as turn } from 'node:timers/promises';
import type { EventBatch } from '../batch.ts';
import type { Cursor } from '../cursor.ts';
import { cursorOf, lastCursorOf } from '../cursor-of.ts';
import type { Located, ReadableLog, Start } from '../log.ts';
import { joinPieces, type Unfinished } from './long-lines.ts';
import type { Sieve } from './sieve.ts';

/** A search ends after so much, and begins where it has come to. */
const MAX_SEARCHED_EVENTS = 250_000;
const MAX_SEARCHED_BYTES = 256 * 1024 * 1024;
const FIRST_PAGE = 1_000;
const MAX_PAGE = 8_000;

interface Searched {
  readonly log: ReadableLog;
  readonly sieve: Sieve;
}

/** Finds where the newest `count` events that are shown begin, page by page from the end. Throws MatchingFailed. */
export async function findLastShown(
  { log, sieve }: Searched,
  start: Start & { readonly at: 'last' | 'before' },
  signal: AbortSignal,
): Promise<Located> {
  if (start.at === 'last' && start.count === 0) return { ...(await log.locate({ at: 'head' }, signal)), by: 'last' };
  let size = FIRST_PAGE;
  let page = await pageBefore(log, start.at === 'before' ? start.cursor : 'head', size, signal);
  if (page.gap !== undefined || page.page === undefined) return page;
  const { end } = page.page;
  let [wanted, events, bytes] = [start.count, 0, 0];
  let found: Cursor | undefined;
  while (found === undefined) {
    const seen = await shownIn(page, { log, sieve }, signal);
    events += seen.events;
    bytes += seen.bytes;
    found = seen.befores.at(-wanted);
    wanted -= seen.befores.length;
    const isSearched = events >= MAX_SEARCHED_EVENTS || bytes >= MAX_SEARCHED_BYTES;
    if (wanted === 0 || found !== undefined || page.page?.isOldest !== false || isSearched || seen.events === 0) break;
    size = Math.min(MAX_PAGE, size * 2);
    const next = await pageBefore(log, page.cursor, size, signal);
    if (next.gap !== undefined) break;
    page = next;
  }
  const place = found === undefined || found === page.cursor ? page : await log.locate({ at: 'cursor', cursor: found }, signal);
  const isOldest = place === page && page.page?.isOldest === true;
  const isShort = found === undefined && wanted > 0 && !isOldest;
  const { position, cursor, gap } = place;
  return {
    ...{ position, cursor, by: gap === undefined ? start.at : 'gap' },
    ...(gap === undefined ? {} : { gap }),
    ...(start.at === 'before' ? { page: { end, isOldest } } : {}),
    ...(page.isLinear === undefined ? {} : { isLinear: page.isLinear }),
    ...(isShort ? { searched: events } : {}),
  };
}

function pageBefore(log: ReadableLog, cursor: Cursor | 'head', count: number, signal: AbortSignal): Promise<Located> {
  return log.locate({ at: 'before', cursor, count }, signal);
}

interface Seen {
  /** The cursor before each event that is shown. */
  readonly befores: readonly Cursor[];
  readonly events: number;
  readonly bytes: number;
}

async function shownIn({ position, cursor, page }: Located, { log, sieve }: Searched, signal: AbortSignal): Promise<Seen> {
  const befores: Cursor[] = [];
  let [before, events, bytes] = [cursor, 0, 0];
  let unfinished: Unfinished | undefined;
  const range = { signal, reuse: true, ...(page === undefined ? {} : { until: page.end }) };
  for await (const batch of log.read(position, range)) {
    signal.throwIfAborted();
    if (batch.kind === 'notice') {
      before = batch.cursor ?? before;
      continue;
    }
    const states = await sieve.sift(batch);
    unfinished = joinPieces(batch, states, unfinished);
    for (let index = 0; index < batch.count; index += 1)
      if (states[index] === 1) befores.push(index === 0 ? before : cursorOf(batch, index - 1));
    before = lastCursorOf(batch);
    events += batch.count;
    bytes += sizeOf(batch);
    await turn();
  }
  return { befores, events, bytes };
}

function sizeOf({ starts, ends, count }: EventBatch): number {
  return (ends[count - 1] ?? 0) - (starts[0] ?? 0);
}
