import type { ParsedUrlQuery } from 'node:querystring';
import type { RequestHandler } from 'express';
import type { Format } from '../delivery/format.ts';
import { ndjsonFormat, sseBatchFormat, sseFormat, textFormat } from '../delivery/formats.ts';
import type { FilterViews } from '../feed/filter/filter-views.ts';
import type { FilteredFeed } from '../feed/filter/filtered-feed.ts';
import type { Feed, Registry } from '../feed/registry.ts';
import type { AtFeed } from './before-express.ts';
import { feedNameIn } from './feed-name-in.ts';
import { type FeedRequest, readFeedRequest } from './feed-request.ts';
import { readFilter } from './filter-request.ts';
import { serveFiltered } from './filtered.ts';
import { type Service, serveFeed } from './serve-feed.ts';
import { refuseUnknown } from './unknown-feed.ts';
import { vary } from './vary.ts';

/** Gives a feed, or what a filter shows of it, from where the client says on. */
export function reading(registry: Registry, views: FilterViews, service: Service): AtFeed {
  return async (request, response, { name, query }) => {
    const { headers } = request;
    const wanted = readFeedRequest({ headers, query });
    const filter = readFilter({ headers, query });
    vary(response, service.gzip === undefined ? 'Accept' : 'Accept, Accept-Encoding');
    const feed = registry.get(name);
    if (feed === undefined) return refuseUnknown(registry, name, wanted, request, response);
    const serve = (read: Feed | FilteredFeed) =>
      serveFeed({ feed: read, name, format: formatOf(name, wanted), wanted }, service, request, response);
    if (filter === undefined) await serve(feed);
    else await serveFiltered(feed, { views, filter }, wanted, { request, response }, serve);
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
