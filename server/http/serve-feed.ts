import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Delivery } from '../delivery/delivery.ts';
import type { Encoding } from '../delivery/encoding.ts';
import type { Format } from '../delivery/format.ts';
import { encodedFormat, sseFormat } from '../delivery/formats.ts';
import type { Latest } from '../delivery/latest.ts';
import type { Readable } from '../delivery/opening.ts';
import { Outlet } from '../delivery/outlet.ts';
import { retryMs } from '../delivery/reader.ts';
import { frameControl } from '../delivery/sse-frame.ts';
import { openSseSession } from '../delivery/sse-session.ts';
import { FilteredFeed } from '../feed/filter/filtered-feed.ts';
import type { Located } from '../feed/log.ts';
import { FeedSet } from '../feed/set/feed-set.ts';
import { acceptsGzip } from './accept-encoding.ts';
import type { ErrorLog } from './answer-problem.ts';
import type { FeedRequest } from './feed-request.ts';

const SHARED_HEADERS = {
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

export interface Service {
  readonly delivery: Delivery;
  readonly log: ErrorLog;
  /** For those who accept it; undefined: for nobody. */
  readonly gzip: Encoding | undefined;
}

export interface Asked {
  readonly feed: Readable;
  /** For people. */
  readonly name: string;
  readonly format: Format;
  readonly wanted: FeedRequest;
}

/** Answers with a feed, or several as one, until the client leaves or what it asked for has been given. */
export async function serveFeed(
  { feed, format: plain, wanted, name }: Asked,
  { delivery, log, gzip }: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { start, until, limit, beatMs } = wanted;
  if (request.method === 'HEAD') return (await openStream(plain, request, response)).end();
  const format = gzip !== undefined && acceptsGzip(request) ? encodedFormat(plain, gzip) : plain;
  const wish = { start, until, limit, format, beatMs };
  const find = (head?: Located) => findLatest(feed, wanted, delivery, { response, head });
  if (!wanted.follow) {
    const latest = await find();
    return delivery.replay(feed, { ...wish, latest }, await openStream(format, request, response));
  }
  const attendance = await delivery.attend(feed, format).catch((error: unknown) => {
    if (wanted.format !== 'sse') throw error;
    log.error({ feed: name, err: error }, `${name} cannot be followed`);
  });
  if (attendance === undefined) return askToComeBack({ reason: 'unavailable' }, request, response);
  const { head, release } = attendance;
  try {
    const latest = await find(head);
    await delivery.follow(feed, { ...wish, head, latest }, await openStream(format, request, response));
  } finally {
    release();
  }
}

/** Before the answer begins, which may be that there are too many values. */
async function findLatest(
  feed: Readable,
  { latest: field, start }: FeedRequest,
  delivery: Delivery,
  { response, head }: { readonly response: ServerResponse; readonly head: Located | undefined },
): Promise<Latest | undefined> {
  if (field === undefined || feed instanceof FeedSet || feed instanceof FilteredFeed) return undefined;
  const left = new AbortController();
  response.once('close', () => left.abort());
  return delivery.findLatest(feed, field, start, { signal: left.signal, ...(head === undefined ? {} : { head }) });
}

/** Sends the head of the answer. Server-Sent Events go through a better-sse session, which says when to come back as well. */
async function openStream(
  format: Format,
  request: IncomingMessage,
  response: ServerResponse,
  retry = retryMs(),
): Promise<Outlet> {
  const { contentType, encoding } = format;
  const outlet = new Outlet(request, response, encoding?.body());
  const coded = encoding === undefined ? {} : { 'Content-Encoding': encoding.name };
  const headers = { ...given(response), ...SHARED_HEADERS, 'Content-Type': contentType, ...coded };
  if (contentType === 'text/event-stream' && request.method !== 'HEAD')
    await openSseSession(request, outlet, { headers, retryMs: retry });
  else outlet.head(200, headers);
  return outlet;
}

/** What the guard and `vary` have set already. */
function given(response: ServerResponse): Record<string, string> {
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
}

export interface Closing {
  readonly reason: 'unknown-feed' | 'unavailable' | 'too-many-filters' | 'overload' | 'shutdown';
  /** Which limit it is (`overload`). */
  readonly limit?: string;
  /** When to come back, ms. */
  readonly retry?: number;
}

/** EventSource closes for good on any error: what will pass is an answer that ends (P9). */
export async function askToComeBack(closing: Closing, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { retry = retryMs() } = closing;
  const outlet = await openStream(sseFormat(), request, response, retry);
  outlet.write(frameControl('feed.closing', { ...closing, retry }));
  outlet.end();
}
