import type { AppendError, AppendRefusal } from '../feed/appending.ts';
import type { Cursor } from '../feed/cursor.ts';
import type { FeedName } from '../feed/name.ts';
import type { Feed } from '../feed/registry.ts';
import type { ProblemCode } from '../problem/catalogue.ts';
import { Problem } from '../problem/problem.ts';

const CODES: Readonly<Record<AppendRefusal, ProblemCode>> = {
  'not-head': 'not-head',
  'key-reused': 'key-reused',
  'too-large': 'event-too-large',
  'disk-full': 'disk-full',
  'write-failed': 'write-failed',
  closed: 'feed-gone',
};

/** Why something could not be appended, as it is told to whoever published it. */
export function refusalOf(error: AppendError, name: FeedName): Problem {
  if (error.reason === 'not-head') return wrongHead(name, error.head, error);
  if (error.reason === 'closed') return feedGone(name, error);
  return new Problem(CODES[error.reason], { detail: `${error.message}.`, members: { feed: name }, cause: error });
}

/** `head`: undefined where there is no such feed. */
export function wrongHead(name: FeedName, head: Cursor | undefined, cause?: AppendError): Problem {
  const detail = head === undefined ? `There is no feed ${name}.` : `The last event of ${name} is ${head}.`;
  const headers = head === undefined ? {} : { ETag: `"${head}"` };
  return new Problem('not-head', { detail, members: { feed: name, head: head ?? null }, headers, cause });
}

export function feedGone(name: FeedName, cause?: unknown): Problem {
  return new Problem('feed-gone', { detail: `${name} has been removed, or the service stops.`, members: { feed: name }, cause });
}

export function reservedName(name: FeedName): Problem {
  return new Problem('reserved-name', { detail: `${name} is a name of the service's own feeds.`, members: { feed: name } });
}

export function tooManyFeeds(maxFeeds: number): Problem {
  const detail = `There are ${maxFeeds} published feeds already: remove some (DELETE), or raise --max-feeds.`;
  return new Problem('too-many-feeds', { detail, members: { maxFeeds } });
}

const WRITERS: Readonly<Record<string, string>> = {
  file: 'it is the file that somebody else writes',
  stdin: 'it is the standard input of the service',
  command: 'it is the output of a command',
  generator: 'the service makes its events itself',
  service: 'the service makes its events itself',
};

/** A feed that is not ours to write. */
export function notPublishable(feed: Feed): Problem {
  const why = WRITERS[feed.source] ?? 'its events come from elsewhere';
  const file = feed.log.kind === 'file' && feed.detail !== undefined ? `: append to ${feed.detail} instead` : '';
  return new Problem('not-publishable', {
    detail: `${feed.name} can only be read, since ${why}${file}.`,
    members: { feed: feed.name, source: feed.source },
    headers: { Allow: 'GET, HEAD, OPTIONS' },
  });
}
