import type { Request } from 'express';
import { type FeedName, MAX_FEED_NAME_BYTES, parseFeedName } from '../feed/name.ts';
import { Problem } from '../problem/problem.ts';

/** The feed that the address of a request names. Throws Problem where that is no name. */
export function feedNameIn(request: Request): FeedName {
  const segments: unknown = request.params.name;
  const text = Array.isArray(segments) ? segments.join('/') : String(segments);
  const name = parseFeedName(text);
  if (name !== undefined) return name;
  throw new Problem('bad-feed-name', {
    detail: `A feed name is segments of A-Z a-z 0-9 . _ - joined by /, at most ${MAX_FEED_NAME_BYTES} bytes.`,
  });
}
