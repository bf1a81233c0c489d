import type { IncomingMessage, ServerResponse } from 'node:http';
import { nearest } from '../config/near.ts';
import type { Registry } from '../feed/registry.ts';
import { Problem } from '../problem/problem.ts';
import type { FeedRequest } from './feed-request.ts';
import { askToComeBack } from './serve-feed.ts';

/**
 * EventSource closes for good on a 404. One that comes back asks for a feed that was here: a restart may not have found it again
 * yet, so it is asked to try later (P9).
 */
export async function refuseUnknown(
  registry: Registry,
  name: string,
  wanted: FeedRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (wanted.format !== 'sse' || !wanted.isReturning) throw unknownFeed(registry, name);
  await askToComeBack({ reason: 'unknown-feed' }, request, response);
}

export function unknownFeed(registry: Registry, name: string): Problem {
  const names = registry.list().map((feed) => feed.name);
  const near = names.filter((other) => other.endsWith(`/${name}`) || other.startsWith(`${name}/`));
  const likely = nearest(name, names);
  const suggestions = [...new Set([...near, ...(likely === undefined ? [] : [likely])])].slice(0, 5);
  const hint = suggestions.length > 0 ? ` Did you mean ${suggestions.join(' or ')}?` : ' GET /feeds lists those there are.';
  return new Problem('unknown-feed', { detail: `There is no feed ${name}.${hint}`, members: { feed: name, near: suggestions } });
}
