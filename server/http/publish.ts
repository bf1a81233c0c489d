import type { IncomingMessage } from 'node:http';
import type { ParsedUrlQuery } from 'node:querystring';
import type { RequestHandler } from 'express';
import { AppendError, type Appended, MAX_PUBLISHED_BYTES, type NewEvent } from '../feed/appending.ts';
import type { FeedName } from '../feed/name.ts';
import type { Publisher } from '../source/publish.ts';
import type { PublishCondition } from '../source/publish-condition.ts';
import { newEvent } from '../source/publish-event.ts';
import { refusalOf } from '../source/publish-refusals.ts';
import { allowMethods } from './answer-problem.ts';
import type { AtFeed } from './before-express.ts';
import { feedNameIn } from './feed-name-in.ts';
import { answerPublished, endUnreadBody } from './publish-answer.ts';
import { type BodyOptions, ClientGone, readBody } from './publish-body.ts';
import { type PublishRequest, readPublishRequest } from './publish-request.ts';
import { publishStream } from './publish-stream.ts';

const WRITING: readonly string[] = ['POST', 'PUT', 'DELETE'];

/** Publishes what a request holds, one event or a stream of them, and answers it. */
export function publishing(publisher: Publisher, options: BodyOptions): AtFeed {
  return async (request, response, { name, query, base }) => {
    endUnreadBody(request, response);
    publisher.check(name);
    const wanted = readPublishRequest(request.headers, query);
    try {
      if (wanted.form === 'text' || wanted.form === 'json') {
        const event = await readEvent(request, wanted, options);
        answerPublished(response, base, name, await publishOne(publisher, name, event, wanted.condition));
      } else await publishStream({ publisher, name, wanted, options }, request, response);
    } catch (error) {
      if (!(error instanceof ClientGone)) throw error;
    }
  };
}

/** `POST /feeds/NAME` */
export function publishRoute(publish: AtFeed): RequestHandler {
  return (request, response) => {
    const query = request.query as ParsedUrlQuery;
    return publish(request, response, { name: feedNameIn(request), query, base: request.baseUrl });
  };
}

/** Stands before the handlers of a feed's methods: which there are depends on the feed. */
export function feedMethods(publisher: Publisher): RequestHandler {
  const all = allowMethods('GET', 'HEAD', ...WRITING);
  const reading = allowMethods('GET', 'HEAD');
  return (request, response, next) => {
    // Their handlers say why a feed does not take them.
    const isWriting = WRITING.includes(request.method);
    return (isWriting || publisher.takes(feedNameIn(request)) ? all : reading)(request, response, next);
  };
}

async function readEvent(request: IncomingMessage, { form, type, key }: PublishRequest, options: BodyOptions): Promise<NewEvent> {
  const body = await readBody(request, MAX_PUBLISHED_BYTES, options);
  return newEvent(body, { type, key, isJson: form === 'json' });
}

async function publishOne(publisher: Publisher, name: FeedName, event: NewEvent, condition: PublishCondition): Promise<Appended> {
  const [outcome] = await publisher.append(name, [event], condition);
  if (outcome === undefined) throw new Error('an event without an outcome');
  if (outcome instanceof AppendError) throw refusalOf(outcome, name);
  return outcome;
}
