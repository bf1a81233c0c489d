import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Filter } from '../feed/filter/filter.ts';
import { type FilterViews, MAX_FILTERS } from '../feed/filter/filter-views.ts';
import type { FilteredFeed } from '../feed/filter/filtered-feed.ts';
import { MatchingFailed } from '../feed/filter/match-thread.ts';
import type { Feed } from '../feed/registry.ts';
import { Problem } from '../problem/problem.ts';
import type { FeedRequest } from './feed-request.ts';
import { badPattern } from './filter-request.ts';
import { askToComeBack } from './serve-feed.ts';

export interface Through {
  readonly views: FilterViews;
  readonly filter: Filter;
}

const RETRY_SECONDS = '5';

/** Gives `feed` as a filter shows it to `serve`. Throws Problem, or asks an EventSource to come back where that helps (P9). */
export async function serveFiltered(
  feed: Feed,
  { views, filter }: Through,
  wanted: FeedRequest,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  serve: (view: FilteredFeed) => Promise<void>,
): Promise<void> {
  const faults = await views.check(filter).catch((error: unknown) => {
    if (!(error instanceof MatchingFailed)) throw error;
    return undefined;
  });
  if (faults?.[0] !== undefined) throw badPattern(faults[0]);
  const acquired = faults === undefined ? undefined : views.acquire(feed, filter);
  if (acquired === undefined) {
    const code = faults === undefined ? 'unavailable' : 'too-many-filters';
    if (wanted.format === 'sse') return askToComeBack({ reason: code }, request, response);
    throw code === 'unavailable' ? noThread() : tooManyFilters(feed.name);
  }
  // Not at the end of this function: who follows is served beyond it.
  if (response.closed) return acquired.release();
  response.once('close', acquired.release);
  await serve(acquired.view);
}

function tooManyFilters(feed: string): Problem {
  const detail = `${feed} is read through ${MAX_FILTERS} other filters already.`;
  return new Problem('too-many-filters', {
    detail,
    members: { maxFilters: MAX_FILTERS },
    headers: { 'Retry-After': RETRY_SECONDS },
  });
}

function noThread(): Problem {
  const detail = 'The thread that tries patterns has ended; it begins again with the next request.';
  return new Problem('unavailable', { detail, headers: { 'Retry-After': RETRY_SECONDS } });
}
