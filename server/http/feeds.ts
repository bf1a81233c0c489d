import type { RequestHandler } from 'express';
import type { Delivery } from '../delivery/delivery.ts';
import type { Format } from '../delivery/format.ts';
import { ndjsonFormat, sseBatchFormat, sseFormat, textFormat } from '../delivery/formats.ts';
import type { Registry } from '../feed/registry.ts';
import type { ErrorLog } from './answer-problem.ts';
import { feedNameIn } from './feed-name-in.ts';
import { type FeedRequest, readFeedRequest } from './feed-request.ts';
import { serveFeed } from './serve-feed.ts';
import { refuseUnknown } from './unknown-feed.ts';

/** `GET /feeds/NAME`: a feed, from where the client says on. */
export function feedRoute(registry: Registry, delivery: Delivery, log: ErrorLog): RequestHandler {
  return async (request, response) => {
    const name = feedNameIn(request);
    const wanted = readFeedRequest(request);
    response.vary('Accept, Accept-Encoding');
    const feed = registry.get(name);
    if (feed === undefined) return refuseUnknown(registry, name, wanted, request, response);
    await serveFeed({ feed, name, format: formatOf(name, wanted), wanted }, { delivery, log }, request, response);
  };
}

function formatOf(feed: string, { format, batchMs }: FeedRequest): Format {
  if (format === 'text') return textFormat();
  if (format === 'ndjson') return ndjsonFormat(feed);
  return batchMs === undefined ? sseFormat() : sseBatchFormat(feed, batchMs);
}
