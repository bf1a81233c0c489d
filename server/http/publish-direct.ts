import type { RequestListener } from 'node:http';
import { parse } from 'node:querystring';
import { parseFeedName } from '../feed/name.ts';
import { type ErrorLog, refuse } from './answer-problem.ts';
import type { Gate } from './guard.ts';
import type { Publish, PublishAddress } from './publish.ts';

const FEEDS = '/feeds/';

/**
 * Takes the requests to publish before Express does, which costs five times what is done with one; all others are its. The same gate
 * stands before both.
 */
export function publishFirst(publish: Publish, letIn: Gate, log: ErrorLog, app: RequestListener): RequestListener {
  return (request, response) => {
    const address = request.method === 'POST' ? addressOf(request.url ?? '') : undefined;
    if (address === undefined) return app(request, response);
    const problem = letIn(request, response);
    if (problem !== undefined) return refuse(problem, request, response, log);
    publish(request, response, address).catch((error: unknown) => refuse(error, request, response, log));
  };
}

/** Undefined where it is not plainly the address of a feed: Express knows what else it may be. */
function addressOf(url: string): PublishAddress | undefined {
  if (!url.startsWith(FEEDS)) return undefined;
  const mark = url.indexOf('?');
  const name = parseFeedName(mark < 0 ? url.slice(FEEDS.length) : url.slice(FEEDS.length, mark));
  return name === undefined ? undefined : { name, query: mark < 0 ? {} : parse(url.slice(mark + 1)), base: '' };
}
