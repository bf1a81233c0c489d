import type { IncomingHttpHeaders } from 'node:http';
import { parseDuration } from '../config/quantity.ts';
import { type Cursor, parseCursor } from '../feed/cursor.ts';
import type { Start } from '../feed/log.ts';
import { Problem } from '../problem/problem.ts';
import { chooseFormat, type FeedFormat } from './request-format.ts';

/** What a request for a feed, or for several, asks for, checked. */
export interface FeedRequest {
  readonly format: FeedFormat;
  readonly start: Start;
  /** Where the answer ends; undefined: at the head, if it ends. */
  readonly until: Start | undefined;
  /** An answer that does not follow ends after so many events. */
  readonly limit?: number | undefined;
  readonly follow: boolean;
  readonly batchMs: number | undefined;
  readonly beatMs: number | undefined;
  /** Begin with the newest event for each value of this member of JSON events. */
  readonly latest: string | undefined;
  /** Whether the client comes back: it named the last event it saw. */
  readonly isReturning: boolean;
}

const SHORTEST_CURSOR = 10;
const MAX_LAST = 100_000;
const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;
const MAX_FIELD_LENGTH = 200;
/** A cursor that no log makes: it is answered with a gap, never taken for "nothing". */
const NO_CURSOR = '-' as Cursor;
const ONE_FEED: Wording = { parse: parseCursor, cursor: 'a cursor', chooseFormat, hasPages: true };

/** What of a request says what is asked for. */
export interface Asking {
  readonly headers: IncomingHttpHeaders;
  readonly query: Readonly<Record<string, unknown>>;
}

/** What differs between a request for one feed and one for several. */
export interface Wording {
  /** The cursor, or undefined where `text` is none. */
  readonly parse: (text: string) => Cursor | undefined;
  /** For people. */
  readonly cursor: string;
  readonly chooseFormat: (accept: string | undefined, format: string | undefined) => FeedFormat;
  readonly hasPages: boolean;
}

/** Reads a request. Throws Problem `bad-parameter` for a parameter that is there and cannot be meant. */
export function readFeedRequest(request: Asking, wording: Wording = ONE_FEED): FeedRequest {
  const parameter = (name: string) => readParameter(request, name);
  const format = wording.chooseFormat(request.headers.accept, parameter('format'));
  const lastId = readLastId(request, wording);
  const isPage = parameter('before') !== undefined;
  if (isPage && !wording.hasPages) throw badParameter('before', 'left out: pages are of one feed');
  const range = isPage ? readPage(parameter) : readRange(parameter, wording, lastId !== undefined);
  const latest = readLatest(parameter);
  if (latest !== undefined && !wording.hasPages) throw badParameter('latest', 'left out: it is of one feed');
  return {
    format,
    ...(lastId === undefined ? range : resumed(range, lastId)),
    batchMs: readBatch(parameter('batch')),
    beatMs: readBeat(parameter('beat')),
    latest,
    isReturning: lastId !== undefined,
  };
}

/** The header wins over the parameter: EventSource reconnects with the same address, whose parameter has grown old. */
function readLastId(request: Asking, { parse }: Wording): Cursor | undefined {
  const header = request.headers['last-event-id'];
  const text = typeof header === 'string' && header !== '' ? header : readParameter(request, 'lastEventId');
  return text === undefined || text === '' ? undefined : (parse(text) ?? NO_CURSOR);
}

type Parameter = (name: string) => string | undefined;
type Range = Pick<FeedRequest, 'start' | 'until' | 'limit' | 'follow'>;

/** One that comes back goes on behind what it saw. What ended before ends there still: the rest of a page that was cut. */
function resumed({ start, until, limit, follow }: Range, cursor: Cursor): Range {
  const isPage = start.at === 'before' && start.cursor !== 'head';
  return { start: { at: 'cursor', cursor }, until: isPage ? { at: 'cursor', cursor: start.cursor } : until, limit, follow };
}

function readRange(parameter: Parameter, wording: Wording, isReturning: boolean): Range {
  const [since, last, until] = [parameter('since'), parameter('last'), readUntil(parameter('until'), wording)];
  const follow = readFollow(parameter('follow'), until === undefined);
  const limit = parameter('limit');
  if (limit !== undefined && follow) throw badParameter('limit', 'given together with before, until or follow=false');
  const start = readStart(since, last, follow && parameter('latest') === undefined, wording);
  // One that comes back may find that its `since=15m` has passed its `until`: that is no reason to refuse it.
  const isReversed = start.at === 'time' && until?.at === 'time' && until.ms < start.ms;
  if (isReversed && !isReturning) throw badParameter('until', 'later than since');
  const isOfCursors = start.at === 'cursor' && until?.at === 'cursor';
  return {
    start: isOfCursors ? { ...start, until: until.cursor } : start,
    until,
    limit: limit === undefined ? undefined : readLimit(limit),
    follow,
  };
}

/** A page: some events that end at a place. It says itself where it begins and ends. */
function readPage(parameter: Parameter): Range {
  for (const name of ['since', 'last', 'until'])
    if (parameter(name) !== undefined) throw badParameter(name, 'left out where before is given');
  readFollow(parameter('follow'), false);
  const before = parameter('before') ?? '';
  const cursor = before === 'head' ? before : parseCursor(before);
  if (cursor === undefined) throw badParameter('before', 'a cursor, or head');
  return { start: { at: 'before', cursor, count: readLimit(parameter('limit')) }, until: undefined, follow: false };
}

function readLimit(limit: string | undefined): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  const count = /^\d{1,5}$/.test(limit) ? Number(limit) : Number.NaN;
  if (!(count >= 1 && count <= MAX_LIMIT)) throw badParameter('limit', `a whole number from 1 to ${MAX_LIMIT}`);
  return count;
}

function readLatest(parameter: Parameter): string | undefined {
  const field = parameter('latest');
  if (field === undefined) return undefined;
  for (const name of ['until', 'before'])
    if (parameter(name) !== undefined) throw badParameter(name, 'left out where latest is given');
  if (field === '' || field.length > MAX_FIELD_LENGTH) throw badParameter('latest', 'the name of a member of the events');
  return field;
}

function readStart(since: string | undefined, last: string | undefined, follow: boolean, wording: Wording): Start {
  if (since?.startsWith('byte:') === true) return readByte(since.slice(5), wording);
  if (since !== undefined) return readPlace('since', since, wording);
  if (last !== undefined) return { at: 'last', count: readCount(last) };
  return { at: follow ? 'head' : 'oldest' };
}

function readByte(text: string, { hasPages }: Wording): Start {
  if (!hasPages) throw badParameter('since', 'something else: bytes are counted in one feed');
  const byte = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(byte)) throw badParameter('since', 'byte: and a whole number, such as byte:1048576');
  return { at: 'byte', byte };
}

function readUntil(until: string | undefined, wording: Wording): Start | undefined {
  if (until === 'start') throw badParameter('until', `${wording.cursor}, a time, or a duration such as 15m`);
  return until === undefined ? undefined : readPlace('until', until, wording);
}

function readPlace(name: string, text: string, { parse, cursor: word }: Wording): Start {
  if (text === 'start') return { at: 'oldest' };
  if (text === 'head') return { at: 'head' };
  const backMs = parseDuration(text);
  if (backMs !== undefined) return { at: 'time', ms: Date.now() - backMs };
  if (/^\d{4}-\d\d-\d\d([T ]|$)/.test(text)) {
    const ms = Date.parse(text);
    if (Number.isNaN(ms)) throw badParameter(name, 'a time of ISO 8601 such as 2026-11-23T14:00:00Z');
    return { at: 'time', ms };
  }
  // `-15m` and `yesterday` have the letters of a cursor, but none is so short: taken for one they would be answered with everything.
  const cursor = text.length < SHORTEST_CURSOR ? undefined : parse(text);
  if (cursor === undefined) throw badParameter(name, `${word}, a time, or a duration such as 15m`);
  return { at: 'cursor', cursor };
}

function readCount(last: string): number {
  const count = /^\d{1,6}$/.test(last) ? Number(last) : Number.NaN;
  if (!(count <= MAX_LAST)) throw badParameter('last', `a whole number from 0 to ${MAX_LAST}`);
  return count;
}

function readFollow(follow: string | undefined, isEndless: boolean): boolean {
  if (follow === 'true' && !isEndless) throw badParameter('follow', 'left out where until or before says where the answer ends');
  if (follow === undefined || follow === 'true') return isEndless;
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

export function readParameter(request: Asking, name: string): string | undefined {
  const value = request.query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw badParameter(name, 'one value, not several');
}

export function badParameter(parameter: string, wanted: string): Problem {
  return new Problem('bad-parameter', { detail: `${parameter} must be ${wanted}.`, members: { parameter } });
}
