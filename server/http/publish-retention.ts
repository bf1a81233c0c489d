import type { Request, RequestHandler, Response } from 'express';
import type { ZodError } from 'zod';
import { parseDuration } from '../config/quantity.ts';
import type { Retention } from '../feed/journal/retention.ts';
import { Problem } from '../problem/problem.ts';
import type { Publisher } from '../source/publish.ts';
import { feedNameIn } from './feed-name-in.ts';
import { endUnreadBody } from './publish-answer.ts';
import { type BodyOptions, ClientGone, readBody } from './publish-body.ts';

const MAX_BODY_BYTES = 4096;
const MS_PER_UNIT = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `PUT /feeds/NAME`: how long the events of a feed are kept. What the body leaves out stays as it is. */
export function retentionRoute(publisher: Publisher, options: BodyOptions): RequestHandler {
  return async (request, response) => {
    endUnreadBody(request, response);
    const name = feedNameIn(request);
    publisher.check(name);
    const wanted = await readRetention(request, options).catch((error: unknown) => {
      if (!(error instanceof ClientGone)) throw error;
    });
    if (wanted === undefined) return;
    const { isNew, retention } = await publisher.retain(name, wanted);
    answer(response.status(isNew ? 201 : 200), { feed: name, ...shown(retention) });
  };
}

function answer(response: Response, body: object): void {
  response
    .set('Cache-Control', 'no-store')
    .type('application/json')
    .end(`${JSON.stringify(body)}\n`);
}

async function readRetention(request: Request, options: BodyOptions): Promise<Partial<Retention>> {
  const body = await readBody(request, MAX_BODY_BYTES, options);
  if (body === undefined) throw refused(`it has more than ${MAX_BODY_BYTES} bytes`);
  const result = (await retentionSchema()).safeParse(parseJson(body.toString('utf8')));
  if (!result.success) throw refused(explain(result.error));
  const { maxBytes, maxAge, maxEvents } = result.data;
  return {
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxAge === undefined ? {} : { maxAgeMs: maxAge }),
    ...(maxEvents === undefined ? {} : { maxEvents }),
  };
}

/** zod takes a fifth of the start to load: it is loaded when it is needed. */
async function retentionSchema() {
  const { z } = await import('zod');
  const amount = z.int().min(1).max(Number.MAX_SAFE_INTEGER);
  const age = z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= 1_000) return ms;
    context.addIssue({ code: 'custom', message: 'give a duration of at least 1s, like 12h or 7d' });
    return z.NEVER;
  });
  return z.strictObject({ maxBytes: amount.optional(), maxAge: age.optional(), maxEvents: amount.nullable().optional() });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused((error as Error).message);
  }
}

function explain({ issues: [issue] }: ZodError): string {
  return `${issue?.path.length ? `${issue.path.join('.')}: ` : ''}${issue?.message ?? 'it will not do'}`;
}

function refused(why: string): Problem {
  const detail = `The body must be JSON like {"maxBytes":67108864,"maxAge":"7d","maxEvents":null}: ${why}.`;
  return new Problem('bad-request', { detail });
}

/** As the body of a request would say it. */
function shown({ maxBytes, maxAgeMs, maxEvents }: Retention): object {
  return { maxBytes, maxAge: durationText(maxAgeMs), maxEvents };
}

function durationText(ms: number): string {
  const [unit, factor] = MS_PER_UNIT.find(([, unitMs]) => ms % unitMs === 0) ?? ['ms', 1];
  return `${ms / factor}${unit}`;
}
