import type { Request } from 'express';
import { Problem } from '../problem/problem.ts';
import { type BodyOptions, readBody } from './publish-body.ts';

const MAX_BYTES = 16 * 1024;

/** The body of a request, which is JSON. Throws Problem `bad-request`, and ClientGone where the client has left before its end. */
export async function readJson(request: Request, options: BodyOptions): Promise<unknown> {
  if (request.is('application/json') === false) throw bad('The body must be JSON, with Content-Type: application/json.');
  const body = await readBody(request, MAX_BYTES, options);
  if (body === undefined) throw bad(`The body must have at most ${MAX_BYTES} bytes.`);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw bad(`The body is not JSON: ${(error as Error).message}.`);
  }
}

function bad(detail: string): Problem {
  return new Problem('bad-request', { detail });
}
