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

/** A whole body, or undefined where it is larger than `maxBytes`. */
export async function readBody(request: IncomingMessage, maxBytes: number, options: BodyOptions): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunksOf(request, options)) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
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
