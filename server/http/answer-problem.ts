import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { Problem } from '../problem/problem.ts';

export interface ErrorLog {
  error(fields: object, message: string): void;
}

/** What a handler may have said about a body that now is not sent. */
const HEADERS_OF_THE_BODY = [
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Range',
  'ETag',
  'Last-Modified',
  'Transfer-Encoding',
];

/** The last handler: answers every error as a problem document (RFC 9457). */
export function answerProblem(log: ErrorLog): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => refuse(error, request, response, log);
}

/** Answers an error. What the cause of a failure was is told to the log only. */
export function refuse(error: unknown, request: IncomingMessage, response: ServerResponse, log: ErrorLog): void {
  const problem = toProblem(error);
  if (problem.status >= 500) {
    const path = request.url?.split('?', 1)[0];
    log.error({ ...problem.members, err: error, method: request.method, path }, problem.message);
  }
  // Half an answer cannot be mended; a cut connection is the only thing left that a client can tell from success.
  if (response.headersSent) response.destroy();
  else sendProblem(response, problem);
}

/** A client's error stays the client's; anything that is not known becomes `internal`, under an id that finds it in the log. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isClientError(error)) return new Problem('bad-request', { detail: `${error.message}.`, cause: error });
  const instance = `urn:uuid:${randomUUID()}`;
  return new Problem('internal', { detail: 'Something went wrong that should not have.', members: { instance }, cause: error });
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  for (const name of HEADERS_OF_THE_BODY) response.removeHeader(name);
  const { baseUrl = '' } = response.req as IncomingMessage & { readonly baseUrl?: string };
  const body = Buffer.from(`${JSON.stringify({ ...problem.toJSON(), type: `${baseUrl}/problems/${problem.code}` })}\n`);
  response.statusCode = problem.status;
  response.setHeader('Content-Type', 'application/problem+json');
  response.setHeader('Content-Length', body.length);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
  response.end(body);
}

/** Express, its router and its body parsers mark what the client did wrong with a 4xx status; decodeURIComponent throws URIError. */
function isClientError(error: unknown): error is Error {
  if (error instanceof URIError) return true;
  if (!(error instanceof Error) || !('status' in error)) return false;
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500;
}

export const unknownPath: RequestHandler = (request, _response, next) => {
  next(new Problem('unknown-path', { detail: `There is nothing at ${request.path}.` }));
};

/** Goes before the handlers of an address: any other method is 405, and OPTIONS is told what there is. */
export function allowMethods(...methods: readonly string[]): RequestHandler {
  const allow = [...methods, 'OPTIONS'].join(', ');
  return (request, response, next) => {
    if (methods.includes(request.method)) return next();
    if (request.method === 'OPTIONS') {
      response.statusCode = 204;
      response.setHeader('Allow', allow);
      response.end();
      return;
    }
    next(
      new Problem('method-not-allowed', {
        detail: `${request.method} is not possible here, only ${allow}.`,
        headers: { Allow: allow },
      }),
    );
  };
}
