import type { RequestHandler } from 'express';
import { ndjsonSetFormat, sseSetFormat } from '../delivery/formats.ts';
import type { Registry } from '../feed/registry.ts';
import type { FeedSets } from '../feed/set/feed-sets.ts';
import { parseVector } from '../feed/set/vector.ts';
import type { Service } from './serve-feed.ts';
import { serveFeed } from './serve-feed.ts';
import { readSetRequest } from './set-request.ts';
import { unknownFeed } from './unknown-feed.ts';

export interface Several extends Service {
  readonly registry: Registry;
  readonly sets: FeedSets;
}

/** `GET /events?feed=A&feed=web/*`: several feeds as one, which may come and go meanwhile. */
export function eventsRoute({ registry, sets, ...service }: Several): RequestHandler {
  return async (request, response) => {
    const { selection, wanted } = readSetRequest(request);
    response.vary(service.gzip === undefined ? 'Accept' : 'Accept, Accept-Encoding');
    const missing = selection.names.find((name) => registry.get(name) === undefined);
    // One that comes back reads the others meanwhile (P9): a feed that has been removed must not keep it from those.
    if (missing !== undefined && !(wanted.format === 'sse' && wanted.isReturning)) throw unknownFeed(registry, missing);
    const format = wanted.format === 'ndjson' ? ndjsonSetFormat() : sseSetFormat(wanted.batchMs);
    const { start } = wanted;
    const { set, release } = sets.acquire(selection, start.at === 'cursor' ? parseVector(start.cursor) : undefined);
    try {
      await serveFeed({ feed: set, name: selection.key, format, wanted }, service, request, response);
    } finally {
      release();
    }
  };
}
