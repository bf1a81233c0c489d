import type { Request, RequestHandler, Response } from 'express';
import { AppendError, MAX_PUBLISHED_BYTES } from '../feed/appending.ts';
import type { FeedName } from '../feed/name.ts';
import type { Publisher } from '../source/publish.ts';
import { newEvent } from '../source/publish-event.ts';
import { refusalOf } from '../source/publish-refusals.ts';
import { allowMethods } from './answer-problem.ts';
import { feedNameIn } from './feed-name-in.ts';
import { answerPublished, endUnreadBody } from './publish-answer.ts';
import { type BodyOptions, ClientGone, readBody } from './publish-body.ts';
import { type PublishRequest, readPublishRequest } from './publish-request.ts';
import { publishStream } from './publish-stream.ts';

const WRITING: readonly string[] = ['POST', 'PUT', 'DELETE'];

/** `POST /feeds/NAME`: one event, or a stream of them. */
export function publishRoute(publisher: Publisher, options: BodyOptions): RequestHandler {
  return async (request, response) => {
    endUnreadBody(request, response);
    const name = feedNameIn(request);
    publisher.check(name);
    const wanted = readPublishRequest(request);
    try {
      if (wanted.form === 'text' || wanted.form === 'json') await publishOne(publisher, name, wanted, options, request, response);
      else await publishStream({ publisher, name, wanted, options }, request, response);
    } catch (error) {
      if (!(error instanceof ClientGone)) throw error;
    }
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

async function publishOne(
  publisher: Publisher,
  name: FeedName,
  wanted: PublishRequest,
  options: BodyOptions,
  request: Request,
  response: Response,
): Promise<void> {
  const { form, type, key, condition } = wanted;
  const body = await readBody(request, MAX_PUBLISHED_BYTES, options);
  const event = newEvent(body, { type, key, isJson: form === 'json' });
  const [outcome] = await publisher.append(name, [event], condition);
  if (outcome === undefined) throw new Error('an event without an outcome');
  if (outcome instanceof AppendError) throw refusalOf(outcome, name);
  answerPublished(request, response, name, outcome);
}
