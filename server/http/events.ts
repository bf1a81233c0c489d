import type { RequestHandler } from 'express';
import { ndjsonSetFormat, sseSetFormat } from '../delivery/formats.ts';
import type { FilterViews } from '../feed/filter/filter-views.ts';
import type { Registry } from '../feed/registry.ts';
import type { FeedSets } from '../feed/set/feed-sets.ts';
import { parseVector } from '../feed/set/vector.ts';
import { checkFilter, noThread, refuse, tooManyFilters } from './filtered.ts';
import type { Service } from './serve-feed.ts';
import { serveFeed } from './serve-feed.ts';
import { readSetRequest } from './set-request.ts';
import { unknownFeed } from './unknown-feed.ts';

export interface Several extends Service {
  readonly registry: Registry;
  readonly sets: FeedSets;
  readonly views: FilterViews;
}

/** `GET /events?feed=A&feed=web/*`: several feeds as one, which may come and go meanwhile. */
export function eventsRoute({ registry, sets, views, ...service }: Several): RequestHandler {
  return async (request, response) => {
    const { selection, wanted, filter } = readSetRequest(request);
    response.vary(service.gzip === undefined ? 'Accept' : 'Accept, Accept-Encoding');
    const missing = selection.names.find((name) => registry.get(name) === undefined);
    // One that comes back reads the others meanwhile (P9): a feed that has been removed must not keep it from those.
    if (missing !== undefined && !(wanted.format === 'sse' && wanted.isReturning)) throw unknownFeed(registry, missing);
    const format = wanted.format === 'ndjson' ? ndjsonSetFormat() : sseSetFormat(wanted.batchMs);
    const { start } = wanted;
    if (filter !== undefined && !(await checkFilter({ views, filter }))) return refuse(noThread(), wanted, { request, response });
    const places = start.at === 'cursor' ? parseVector(start.cursor) : undefined;
    const { set, release } = sets.acquire(selection, places, filter);
    try {
      if (set.isRefused) return await refuse(tooManyFilters(selection.key), wanted, { request, response });
      await serveFeed({ feed: set, name: selection.key, format, wanted }, service, request, response);
    } finally {
      release();
    }
  };
}
