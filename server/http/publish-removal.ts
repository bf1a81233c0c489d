import type { RequestHandler } from 'express';
import { Problem } from '../problem/problem.ts';
import type { Publisher } from '../source/publish.ts';
import { feedNameIn } from './feed-name-in.ts';

/** `DELETE /feeds/NAME`: removes a published feed with all that it holds. Its readers are told. */
export function removalRoute(publisher: Publisher): RequestHandler {
  return async (request, response) => {
    const name = feedNameIn(request);
    if (await publisher.remove(name)) response.status(204).end();
    else throw new Problem('unknown-feed', { detail: `There is no feed ${name}.`, members: { feed: name } });
  };
}
