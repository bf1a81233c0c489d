import type { Request, RequestHandler, Response } from 'express';
import { nearest } from '../config/near.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Format } from '../delivery/format.ts';
import { ndjsonFormat, sseBatchFormat, sseFormat, textFormat } from '../delivery/formats.ts';
import type { Latest } from '../delivery/latest.ts';
import { Outlet } from '../delivery/outlet.ts';
import { retryMs } from '../delivery/reader.ts';
import { frameControl } from '../delivery/sse-frame.ts';
import { openSseSession } from '../delivery/sse-session.ts';
import type { Located } from '../feed/log.ts';
import type { Feed, Registry } from '../feed/registry.ts';
import { Problem } from '../problem/problem.ts';
import type { ErrorLog } from './answer-problem.ts';
import { feedNameIn } from './feed-name-in.ts';
import { type FeedRequest, readFeedRequest } from './feed-request.ts';

const SHARED_HEADERS = {
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

interface Service {
  readonly delivery: Delivery;
  readonly log: ErrorLog;
}

/** `GET /feeds/NAME`: a feed, from where the client says on. */
export function feedRoute(registry: Registry, delivery: Delivery, log: ErrorLog): RequestHandler {
  return async (request, response) => {
    const name = feedNameIn(request);
    const wanted = readFeedRequest(request);
    response.vary('Accept, Accept-Encoding');
    const feed = registry.get(name);
    if (feed === undefined) return refuseUnknown(registry, name, wanted, request, response);
    await serve(feed, wanted, { delivery, log }, request, response);
  };
}

async function serve(feed: Feed, wanted: FeedRequest, service: Service, request: Request, response: Response): Promise<void> {
  const { delivery, log } = service;
  const format = formatOf(feed.name, wanted);
  const { start, until, beatMs } = wanted;
  const wish = { start, until, format, beatMs };
  if (request.method === 'HEAD') return (await openStream(format, request, response)).end();
  const find = (head?: Located) => findLatest(feed, wanted, delivery, { response, head });
  if (!wanted.follow) {
    const latest = await find();
    return delivery.replay(feed, { ...wish, latest }, await openStream(format, request, response));
  }
  const attendance = await delivery.attend(feed, format).catch((error: unknown) => {
    if (wanted.format !== 'sse') throw error;
    log.error({ feed: feed.name, err: error }, `${feed.name} cannot be followed`);
  });
  if (attendance === undefined) return askToComeBack('unavailable', request, response);
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
  feed: Feed,
  { latest: field, start }: FeedRequest,
  delivery: Delivery,
  { response, head }: { readonly response: Response; readonly head: Located | undefined },
): Promise<Latest | undefined> {
  if (field === undefined) return undefined;
  const left = new AbortController();
  response.once('close', () => left.abort());
  return delivery.findLatest(feed, field, start, { signal: left.signal, ...(head === undefined ? {} : { head }) });
}

/** Sends the head of the answer. Server-Sent Events go through a better-sse session, which says when to come back as well. */
async function openStream(format: Format, request: Request, response: Response): Promise<Outlet> {
  const outlet = new Outlet(request, response);
  const headers = { ...given(response), ...SHARED_HEADERS, 'Content-Type': format.contentType };
  if (format.contentType === 'text/event-stream' && request.method !== 'HEAD')
    await openSseSession(request, outlet, { headers, retryMs: retryMs() });
  else outlet.head(200, headers);
  return outlet;
}

/** What the guard and `vary` have set already. */
function given(response: Response): Record<string, string> {
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
}

function formatOf(feed: string, { format, batchMs }: FeedRequest): Format {
  if (format === 'text') return textFormat();
  if (format === 'ndjson') return ndjsonFormat(feed);
  return batchMs === undefined ? sseFormat() : sseBatchFormat(feed, batchMs);
}

/**
 * EventSource closes for good on a 404. One that comes back asks for a feed that was here: a restart may not have found it again
 * yet, so it is asked to try later (P9).
 */
async function refuseUnknown(
  registry: Registry,
  name: string,
  wanted: FeedRequest,
  request: Request,
  response: Response,
): Promise<void> {
  if (wanted.format !== 'sse' || !wanted.isReturning) throw unknownFeed(registry, name);
  await askToComeBack('unknown-feed', request, response);
}

/** EventSource closes for good on any error: what will pass is an answer that ends (P9). */
async function askToComeBack(reason: 'unknown-feed' | 'unavailable', request: Request, response: Response): Promise<void> {
  const outlet = await openStream(sseFormat(), request, response);
  outlet.write(frameControl('feed.closing', { reason, retry: retryMs() }));
  outlet.end();
}

function unknownFeed(registry: Registry, name: string): Problem {
  const names = registry.list().map((feed) => feed.name);
  const near = names.filter((other) => other.endsWith(`/${name}`) || other.startsWith(`${name}/`));
  const likely = nearest(name, names);
  const suggestions = [...new Set([...near, ...(likely === undefined ? [] : [likely])])].slice(0, 5);
  const hint = suggestions.length > 0 ? ` Did you mean ${suggestions.join(' or ')}?` : ' GET /feeds lists those there are.';
  return new Problem('unknown-feed', { detail: `There is no feed ${name}.${hint}`, members: { feed: name, near: suggestions } });
}
