import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestHandler, Response } from 'express';
import { chooseFormat, type FeedFormat } from './request-format.ts';

const MESSAGES = 10;
const INTERVAL_MS = 1000;

const CONTENT_TYPES: Record<FeedFormat, string> = {
  sse: 'text/event-stream; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  text: 'text/plain; charset=utf-8',
};

const FRAMES: Record<FeedFormat, (index: number) => string> = {
  sse: (index) => `id: ${index}\ndata: Message ${index} from server\n\n`,
  ndjson: (index) => `${JSON.stringify({ id: String(index), type: 'message', data: `Message ${index} from server` })}\n`,
  text: (index) => `Message ${index} from server\n`,
};

/**
 * Ten messages, the first at once and then one a second, and the end. When `stopping` aborts, an EventSource is let go to come back
 * and go on; the others are cut, since their end would look like the tenth message's.
 */
export function liveMessages(stopping?: AbortSignal): RequestHandler {
  return async (request, response) => {
    const format = chooseFormat(request.headers.accept, oneValue(request.query.format));
    const first = format === 'sse' ? firstAfter(request.headers['last-event-id']) : 0;
    if (first === MESSAGES) return stopEventSource(response);
    response.vary('Accept').writeHead(200, {
      'Content-Type': CONTENT_TYPES[format],
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    if (request.method === 'HEAD') return void response.end();
    const over = lifetime(response, stopping);
    try {
      await sendMessages(response, FRAMES[format], first, over);
      response.end();
    } catch (error) {
      if (!over.aborted) throw error;
      if (format === 'sse') response.end();
      else response.destroy();
    }
  };
}

/** Each message has its time on one clock, so that a late one does not delay those after it. */
async function sendMessages(
  response: Response,
  frame: (index: number) => string,
  first: number,
  signal: AbortSignal,
): Promise<void> {
  const start = performance.now() - first * INTERVAL_MS;
  for (let index = first; index < MESSAGES; index += 1) {
    const dueInMs = start + index * INTERVAL_MS - performance.now();
    if (dueInMs > 0) await sleep(dueInMs, undefined, { signal });
    if (!response.write(frame(index))) await once(response, 'drain', { signal });
  }
}

/** The end of the connection, or of the service, whichever comes first. AbortSignal.any would leave something with `stopping` for good. */
function lifetime(response: Response, stopping?: AbortSignal): AbortSignal {
  const over = new AbortController();
  const end = () => {
    stopping?.removeEventListener('abort', end);
    over.abort();
  };
  if (response.destroyed || stopping?.aborted === true) end();
  else {
    response.once('close', end);
    stopping?.addEventListener('abort', end);
  }
  return over.signal;
}

function firstAfter(lastEventId: string | string[] | undefined): number {
  return typeof lastEventId === 'string' && /^[0-9]$/.test(lastEventId) ? Number(lastEventId) + 1 : 0;
}

/** An EventSource takes any end for a lost connection and comes back; 204 is how the standard tells it that there is no more. */
function stopEventSource(response: Response): void {
  response.writeHead(204, { 'Cache-Control': 'no-store' }).end();
}

function oneValue(parameter: unknown): string | undefined {
  return parameter === undefined || typeof parameter === 'string' ? parameter : '';
}
