import type { Request, RequestHandler } from 'express';
import type { Change, Connection } from '../delivery/connections.ts';
import { skippedData } from '../feed/set/merging.ts';
import type { Selection } from '../feed/set/selection.ts';
import { Problem } from '../problem/problem.ts';
import type { Several } from './events.ts';
import { tooManyFilters } from './filtered.ts';
import { readJson } from './json-body.ts';
import { endUnreadBody } from './publish-answer.ts';
import { type BodyOptions, ClientGone } from './publish-body.ts';
import { readSelection } from './set-request.ts';
import { unknownFeed } from './unknown-feed.ts';

/**
 * `PATCH /connections/ID`: gives a live connection other feeds. The answer is the set that it will have once its client has taken what
 * is on its way, which its next `feed.open` shows; in new feeds it gets what is written after this answer, and maybe a little before.
 */
export function connectionsRoute(several: Several, options: BodyOptions): RequestHandler {
  return async (request, response) => {
    endUnreadBody(request, response);
    const connection = several.delivery.connection(String(request.params.id));
    if (connection === undefined) throw unknownConnection();
    const selection = await readWanted(request, options);
    if (selection === undefined) return;
    const missing = selection.names.find((name) => several.registry.get(name) === undefined);
    if (missing !== undefined) throw unknownFeed(several.registry, missing);
    const change = await begin(selection, connection, several);
    if (!connection.request(change)) throw unknownConnection();
    const feeds = [...change.set.feeds].map(({ name }) => name);
    response
      .set('Cache-Control', 'no-store')
      .json({ connection: connection.id, feeds, skipped: change.set.skipped.map(skippedData) });
  };
}

/** Follows the feeds before the answer, which is a promise: what is written after it comes. */
async function begin(selection: Selection, connection: Connection, { sets, delivery }: Several): Promise<Change> {
  const { set, release: releaseSet } = sets.acquire(selection, connection.left, connection.filter);
  if (set.isRefused) {
    releaseSet();
    throw tooManyFilters(selection.key);
  }
  const { head, release } = await delivery.attend(set, connection.format).catch((error: unknown) => {
    releaseSet();
    throw error;
  });
  const releaseBoth = () => {
    release();
    releaseSet();
  };
  return { set, head, release: releaseBoth };
}

/** Undefined where the client has left. */
async function readWanted(request: Request, options: BodyOptions): Promise<Selection | undefined> {
  try {
    return readSelection(await readFeeds(await readJson(request, options)), 'feeds');
  } catch (error) {
    if (error instanceof ClientGone) return undefined;
    throw error;
  }
}

/** zod takes a fifth of the start to load: it is loaded when it is needed. */
async function readFeeds(body: unknown): Promise<readonly string[]> {
  const { z } = await import('zod');
  const result = z.strictObject({ feeds: z.array(z.string()) }).safeParse(body);
  if (result.success) return result.data.feeds;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  const detail = `The body must be JSON like {"feeds":["a","web/*"]}: ${where}${issue?.message ?? 'it will not do'}.`;
  throw new Problem('bad-request', { detail });
}

function unknownConnection(): Problem {
  return new Problem('unknown-connection', { detail: 'No connection with this id reads several feeds now.' });
}
