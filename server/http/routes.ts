import express, { type Express, type RequestHandler, type Router } from 'express';
import { allowMethods, answerProblem, type ErrorLog, unknownPath } from './answer-problem.ts';
import { problemDescriptions } from './describe-problem.ts';

export interface Handlers {
  readonly guard: RequestHandler;
  /** Stands before everything else. */
  readonly admit: RequestHandler;
  /** Stands before what reads. */
  readonly admitReader: RequestHandler;
  /** Not within another app, whose own pages and paths these are. */
  readonly page: Router | undefined;
  readonly feedList: RequestHandler;
  /** Which methods the feed at an address takes. */
  readonly feedMethods: RequestHandler;
  readonly feed: RequestHandler;
  readonly publish: RequestHandler;
  readonly retention: RequestHandler;
  readonly removal: RequestHandler;
  readonly events: RequestHandler;
  readonly connections: RequestHandler;
  readonly connectionList: RequestHandler;
  readonly connectionEnd: RequestHandler;
  readonly liveMessages: RequestHandler;
  readonly health: RequestHandler;
  /** Only where a folder of files is given. */
  readonly download: Router | undefined;
  readonly errorLog: ErrorLog;
}

/** The whole URL table. Without a page, what is not in it is left to the app around. */
export function routes(handlers: Handlers): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(handlers.guard, handlers.admit);

  // First, since it is asked most: each address before it would be compared with each request.
  app
    .route('/feeds/*name')
    .all(handlers.feedMethods)
    .get(handlers.feed)
    .post(handlers.publish)
    .put(handlers.retention)
    .delete(handlers.removal);
  app.all('/feeds', allowMethods('GET', 'HEAD'), handlers.feedList);
  app.use(problemDescriptions());
  app.all('/events', allowMethods('GET', 'HEAD'), handlers.admitReader, handlers.events);
  app.all('/connections', allowMethods('GET', 'HEAD'), handlers.connectionList);
  app.route('/connections/:id').all(allowMethods('PATCH', 'DELETE')).patch(handlers.connections).delete(handlers.connectionEnd);
  app.all('/live_messages', allowMethods('GET', 'HEAD'), handlers.admitReader, handlers.liveMessages);
  app.all('/healthz', allowMethods('GET', 'HEAD'), handlers.health);
  if (handlers.download !== undefined) app.use(handlers.download);
  if (handlers.page !== undefined) app.use(handlers.page, unknownPath);

  app.use(answerProblem(handlers.errorLog));
  return app;
}
