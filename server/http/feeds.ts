import type { ParsedUrlQuery } from 'node:querystring';
import type { RequestHandler } from 'express';
import type { Delivery } from '../delivery/delivery.ts';
import type { Format } from '../delivery/format.ts';
import { ndjsonFormat, sseBatchFormat, sseFormat, textFormat } from '../delivery/formats.ts';
import type { Registry } from '../feed/registry.ts';
import type { ErrorLog } from './answer-problem.ts';
import type { AtFeed } from './before-express.ts';
import { feedNameIn } from './feed-name-in.ts';
import { type FeedRequest, readFeedRequest } from './feed-request.ts';
import { serveFeed } from './serve-feed.ts';
import { refuseUnknown } from './unknown-feed.ts';
import { vary } from './vary.ts';

/** Gives a feed, from where the client says on. */
export function reading(registry: Registry, delivery: Delivery, log: ErrorLog): AtFeed {
  return async (request, response, { name, query }) => {
    const { headers } = request;
    const wanted = readFeedRequest({ headers, query });
    vary(response, 'Accept, Accept-Encoding');
    const feed = registry.get(name);
    if (feed === undefined) return refuseUnknown(registry, name, wanted, request, response);
    await serveFeed({ feed, name, format: formatOf(name, wanted), wanted }, { delivery, log }, request, response);
  };
}

/** `GET /feeds/NAME` */
export function feedRoute(read: AtFeed): RequestHandler {
  return (request, response) => {
    const query = request.query as ParsedUrlQuery;
    return read(request, response, { name: feedNameIn(request), query, base: request.baseUrl });
  };
}

function formatOf(feed: string, { format, batchMs }: FeedRequest): Format {
  if (format === 'text') return textFormat();
  if (format === 'ndjson') return ndjsonFormat(feed);
  return batchMs === undefined ? sseFormat() : sseBatchFormat(feed, batchMs);
}
