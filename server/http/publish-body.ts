import type { IncomingMessage } from 'node:http';
import { Problem } from '../problem/problem.ts';

export interface BodyOptions {
  /** A publisher that sends nothing for this long is let go, ms. */
  readonly idleMs: number;
  /** Aborted when the service stops. */
  readonly signal: AbortSignal;
}

/**
 * The body as it comes; the next chunk is read when it is asked for. Throws Problem where nothing comes or the service stops, and
 * ClientGone where the client has left before the end. However it ends, the request can still be answered.
 */
export async function* chunksOf(request: IncomingMessage, options: BodyOptions): AsyncGenerator<Buffer, void, undefined> {
  const iterator = request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (;;) {
    const next = await nextOf(request, iterator, options);
    if (next.done === true) return;
    yield next.value;
  }
}

/** A whole body, or undefined where it is larger than `maxBytes`; then the rest is not read. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  { idleMs, signal }: BodyOptions,
): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve(undefined);
  // Most of what is published is one small piece: an iterator would cost more than all else that is done with it.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(() => settle(() => reject(idleFor(idleMs))), idleMs);
    const stop = () => settle(() => reject(stopping()));
    const left = () => settle(() => reject(new ClientGone(request.errored)));
    const take = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > maxBytes) settle(() => resolve(undefined));
      else timer.refresh();
    };
    const end = () => settle(() => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    const settle = (answer: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      request.off('data', take).off('end', end).off('close', left).pause();
      answer();
    };
    request
      .on('data', take)
      .on('end', end)
      .on('close', left)
      .on('error', () => undefined);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
}

/** The client has left before its request was whole: there is nobody to answer. */
export class ClientGone extends Error {
  constructor(cause: unknown) {
    super('the client has left', { cause });
    this.name = 'ClientGone';
  }
}

async function nextOf(
  request: IncomingMessage,
  iterator: AsyncIterator<Buffer>,
  { idleMs, signal }: BodyOptions,
): Promise<IteratorResult<Buffer>> {
  const next = iterator.next().catch((error: unknown) => {
    throw request.complete ? error : new ClientGone(error);
  });
  // Where the wait has ended otherwise, nobody looks at what becomes of this.
  next.catch(() => undefined);
  let stop: () => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => reject(idleFor(idleMs)), idleMs);
    const abort = () => reject(stopping());
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([next, ended]);
  } finally {
    stop();
  }
}

function idleFor(ms: number): Problem {
  return new Problem('publisher-idle', { detail: `Nothing has come for ${ms / 1000} s.` });
}

function stopping(): Problem {
  return new Problem('unavailable', { detail: 'The service stops.', headers: { 'Retry-After': '2' } });
}
