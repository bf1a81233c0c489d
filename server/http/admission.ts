import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { retryMs } from '../delivery/reader.ts';
import { Problem } from '../problem/problem.ts';
import type { AtFeed } from './before-express.ts';
import type { Capacity, Limit } from './capacity.ts';
import { endUnreadBody } from './publish-answer.ts';
import { chooseFormat } from './request-format.ts';
import { askToComeBack } from './serve-feed.ts';

export interface Doors {
  readonly capacity: Capacity;
  /** Whether the service is on its way out. */
  readonly isDraining: () => boolean;
}

type Refusal = Limit | 'shutdown';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: Readonly<Record<string, unknown>>;
}

/** Who comes back at once makes it worse, ms. */
const OVERLOAD_RETRY_MS = 10_000;
/** What tells how the service is, and helps it, is answered as long as there is a connection at all. */
const ALWAYS = /^\/(?:healthz|connections)(?:\/|$)/;

/** Stands before everything: who is on a connection too many is told so (P9). */
export function admit(doors: Doors): RequestHandler {
  return (request, response, next) => {
    const limit = enter(doors, request, response);
    if (limit === undefined || ALWAYS.test(request.path)) return next();
    return refuse(limit, doors, { request, response, query: request.query });
  };
}

/** Stands before what reads. */
export function admitReader(doors: Doors): RequestHandler {
  return (request, response, next) => {
    const refusal = request.method === 'GET' ? enterReader(doors, request, response) : undefined;
    if (refusal === undefined) return next();
    return refuse(refusal, doors, { request, response, query: request.query });
  };
}

/** The same for what is done at a feed, which mostly does not come to Express. */
export function admitting(doors: Doors, atFeed: AtFeed): AtFeed {
  return (request, response, address) => {
    const isReader = request.method === 'GET';
    const refusal = isReader ? enterReader(doors, request, response) : enter(doors, request, response);
    if (refusal === undefined) return atFeed(request, response, address);
    return refuse(refusal, doors, { request, response, query: address.query });
  };
}

function enter({ capacity, isDraining }: Doors, { socket }: IncomingMessage, response: ServerResponse): Limit | undefined {
  // A client is not to find out by a cut that a connection is not for the next request.
  if (isDraining()) response.shouldKeepAlive = false;
  return capacity.enter(socket);
}

/** Memory and pace are limits for those who come, not for those who are here, nor for publishers. */
function enterReader(
  { capacity, isDraining }: Doors,
  { socket }: IncomingMessage,
  response: ServerResponse,
): Refusal | undefined {
  if (!isDraining()) return capacity.enterReader(socket);
  response.shouldKeepAlive = false;
  return 'shutdown';
}

async function refuse(refusal: Refusal, doors: Doors, { request, response, query }: Exchange): Promise<void> {
  if (request.method !== 'GET' || chooseFormat(request.headers.accept, oneValue(query.format)) !== 'sse')
    throw tell(refusal, doors, request, response);
  if (refusal === 'shutdown') return askToComeBack({ reason: refusal }, request, response);
  doors.capacity.refused[refusal] += 1;
  await askToComeBack({ reason: 'overload', limit: refusal, retry: retryMs(OVERLOAD_RETRY_MS) }, request, response);
}

function tell(refusal: Refusal, { capacity }: Doors, request: IncomingMessage, response: ServerResponse): Problem {
  if (request.complete) response.shouldKeepAlive = false;
  else endUnreadBody(request, response);
  const seconds = (ms: number) => ({ 'Retry-After': `${Math.ceil(ms / 1_000)}` });
  if (refusal === 'shutdown') return new Problem('unavailable', { detail: 'The service stops.', headers: seconds(retryMs()) });
  capacity.refused[refusal] += 1;
  const code = refusal === 'address' ? 'too-many-connections' : 'overloaded';
  const headers = seconds(retryMs(OVERLOAD_RETRY_MS));
  return new Problem(code, { detail: DETAILS[refusal], members: { limit: refusal }, headers });
}

const DETAILS: Readonly<Record<Limit, string>> = {
  connections: 'There are as many connections as there may be (--max-connections).',
  address: 'There are as many connections from this address as there may be (--max-connections-per-address).',
  rate: 'More readers came than may come in a second (--max-readers-per-second).',
  memory: 'The service has as much memory as it may have (--max-memory).',
};

function oneValue(parameter: unknown): string | undefined {
  return parameter === undefined || typeof parameter === 'string' ? parameter : '';
}
