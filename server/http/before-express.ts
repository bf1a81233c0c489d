import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type ParsedUrlQuery, parse } from 'node:querystring';
import { type FeedName, parseFeedName } from '../feed/name.ts';
import { type ErrorLog, refuse } from './answer-problem.ts';
import type { Gate } from './guard.ts';

const FEEDS = '/feeds/';

/** What the address of a feed says. */
export interface FeedAddress {
  readonly name: FeedName;
  readonly query: ParsedUrlQuery;
  /** The path at which the service is mounted: `` or `/live`. */
  readonly base: string;
}

/** Does what is asked of a feed. Rejects with Problem where it is refused. */
export type AtFeed = (request: IncomingMessage, response: ServerResponse, address: FeedAddress) => Promise<void>;

/**
 * Takes the requests that are many before Express does, which costs five times what is done with one and holds on to it: to read a feed
 * and to publish. All others are its, and with a plainer address these would be as well. The same gate stands before both.
 */
export function beforeExpress(
  atFeeds: { readonly GET: AtFeed; readonly POST: AtFeed },
  letIn: Gate,
  log: ErrorLog,
  app: RequestListener,
): RequestListener {
  return (request, response) => {
    const { method, url = '' } = request;
    const address = method === 'GET' || method === 'POST' ? addressOf(url) : undefined;
    if (address === undefined) return app(request, response);
    const problem = letIn(request, response);
    if (problem !== undefined) return refuse(problem, request, response, log);
    const atFeed = async () => atFeeds[method as 'GET' | 'POST'](request, response, address);
    atFeed().catch((error: unknown) => refuse(error, request, response, log));
  };
}

/** Undefined where it is not plainly the address of a feed: Express knows what else it may be. */
function addressOf(url: string): FeedAddress | undefined {
  if (!url.startsWith(FEEDS)) return undefined;
  const mark = url.indexOf('?');
  const name = parseFeedName(mark < 0 ? url.slice(FEEDS.length) : url.slice(FEEDS.length, mark));
  return name === undefined ? undefined : { name, query: mark < 0 ? {} : parse(url.slice(mark + 1)), base: '' };
}
