import type { Request } from 'express';
import { parseDuration } from '../config/quantity.ts';
import { type Cursor, parseCursor } from '../feed/cursor.ts';
import type { Start } from '../feed/log.ts';
import { Problem } from '../problem/problem.ts';
import { chooseFormat, type FeedFormat } from './request-format.ts';

/** What a request for a feed asks for, checked. */
export interface FeedRequest {
  readonly format: FeedFormat;
  readonly start: Start;
  readonly follow: boolean;
  readonly batchMs: number | undefined;
  readonly beatMs: number | undefined;
  /** Whether the client comes back: it named the last event it saw. */
  readonly isReturning: boolean;
}

const MAX_LAST = 100_000;
/** A cursor that no log makes: it is answered with a gap, never taken for "nothing". */
const NO_CURSOR = '-' as Cursor;

/** Reads a request. Throws Problem `bad-parameter` for a parameter that is there and cannot be meant. */
export function readFeedRequest(request: Request): FeedRequest {
  const parameter = (name: string) => readParameter(request, name);
  const format = chooseFormat(request.headers.accept, parameter('format'));
  const lastId = readLastId(request);
  const follow = readFollow(parameter('follow'));
  return {
    format,
    follow,
    start: lastId === undefined ? readStart(parameter('since'), parameter('last'), follow) : { at: 'cursor', cursor: lastId },
    batchMs: readBatch(parameter('batch')),
    beatMs: readBeat(parameter('beat')),
    isReturning: lastId !== undefined,
  };
}

/** The header wins over the parameter: EventSource reconnects with the same address, whose parameter has grown old. */
function readLastId(request: Request): Cursor | undefined {
  const header = request.headers['last-event-id'];
  const text = typeof header === 'string' && header !== '' ? header : readParameter(request, 'lastEventId');
  return text === undefined || text === '' ? undefined : (parseCursor(text) ?? NO_CURSOR);
}

function readStart(since: string | undefined, last: string | undefined, follow: boolean): Start {
  if (since !== undefined) return readSince(since);
  if (last !== undefined) return { at: 'last', count: readCount(last) };
  return { at: follow ? 'head' : 'oldest' };
}

function readSince(since: string): Start {
  if (since === 'start') return { at: 'oldest' };
  const backMs = parseDuration(since);
  if (backMs !== undefined) return { at: 'time', ms: Date.now() - backMs };
  if (/^\d{4}-\d\d-\d\d([T ]|$)/.test(since)) {
    const ms = Date.parse(since);
    if (Number.isNaN(ms)) throw badParameter('since', 'a time of ISO 8601 such as 2026-11-23T14:00:00Z');
    return { at: 'time', ms };
  }
  const cursor = parseCursor(since);
  if (cursor === undefined) throw badParameter('since', 'a cursor, a time, a duration such as 15m, or start');
  return { at: 'cursor', cursor };
}

function readCount(last: string): number {
  const count = /^\d{1,6}$/.test(last) ? Number(last) : Number.NaN;
  if (!(count <= MAX_LAST)) throw badParameter('last', `a whole number from 0 to ${MAX_LAST}`);
  return count;
}

function readFollow(follow: string | undefined): boolean {
  if (follow === undefined || follow === 'true') return true;
  if (follow === 'false') return false;
  throw badParameter('follow', 'true or false');
}

/** Rounded up to one of a few, so that subscribers share framed bytes. */
function readBatch(batch: string | undefined): number | undefined {
  if (batch === undefined) return undefined;
  const ms = /^\d{1,4}$/.test(batch) ? Number(batch) : Number.NaN;
  if (!(ms >= 10 && ms <= 5_000)) throw badParameter('batch', 'a number of milliseconds from 10 to 5000');
  return BATCH_STEPS_MS.find((step) => step >= ms);
}

const BATCH_STEPS_MS = [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

function readBeat(beat: string | undefined): number | undefined {
  if (beat === undefined) return undefined;
  const ms = parseDuration(beat);
  if (ms === undefined || ms < 1_000 || ms > 60_000) throw badParameter('beat', 'a duration from 1s to 60s');
  return ms;
}

function readParameter(request: Request, name: string): string | undefined {
  const value = request.query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw badParameter(name, 'one value, not several');
}

function badParameter(parameter: string, wanted: string): Problem {
  return new Problem('bad-parameter', { detail: `${parameter} must be ${wanted}.`, members: { parameter } });
}
