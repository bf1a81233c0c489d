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

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const RETRY_SECONDS = '5';

/** False where patterns cannot be tried at the moment. Throws Problem for one that never can be. */
export async function checkFilter({ views, filter }: Through): Promise<boolean> {
  const faults = await views.check(filter).catch((error: unknown) => {
    if (!(error instanceof MatchingFailed)) throw error;
    return undefined;
  });
  if (faults?.[0] !== undefined) throw badPattern(faults[0]);
  return faults !== undefined;
}

/** Says what will pass: an EventSource is asked to come back (P9). */
export async function refuse(problem: Problem, { format }: FeedRequest, { request, response }: Exchange): Promise<void> {
  if (format !== 'sse') throw problem;
  return askToComeBack({ reason: problem.code as 'unavailable' | 'too-many-filters' }, request, response);
}

/** Gives `feed` as a filter shows it to `serve`. Throws Problem, or asks an EventSource to come back where that helps (P9). */
export async function serveFiltered(
  feed: Feed,
  { views, filter }: Through,
  wanted: FeedRequest,
  { request, response }: Exchange,
  serve: (view: FilteredFeed) => Promise<void>,
): Promise<void> {
  const isChecked = await checkFilter({ views, filter });
  const acquired = isChecked ? views.acquire(feed, filter) : undefined;
  if (acquired === undefined) return refuse(isChecked ? tooManyFilters(feed.name) : noThread(), wanted, { request, response });
  // Not at the end of this function: who follows is served beyond it.
  if (response.closed) return acquired.release();
  response.once('close', acquired.release);
  await serve(acquired.view);
}

export function tooManyFilters(feed: string): Problem {
  const detail = `${feed} is read through ${MAX_FILTERS} other filters already.`;
  return new Problem('too-many-filters', {
    detail,
    members: { maxFilters: MAX_FILTERS },
    headers: { 'Retry-After': RETRY_SECONDS },
  });
}

export function noThread(): Problem {
  const detail = 'The thread that tries patterns has ended; it begins again with the next request.';
  return new Problem('unavailable', { detail, headers: { 'Retry-After': RETRY_SECONDS } });
}
