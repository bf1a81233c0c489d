import type { IncomingMessage } from 'node:http';
import { Connection, createSession, type Session } from 'better-sse';
import type { Outlet } from './outlet.ts';

/** Once it has been opened, a session is not needed: told of the end, it would live until then. */
const NEVER = { addEventListener: () => {}, removeEventListener: () => {} };
/** Made once: an address without a query says nothing to a session, and a URL takes a kilobyte. */
const NO_QUERY = new URL('http://localhost');

/**
 * better-sse's seam to the network, given our outlet: the session writes its head and its preamble through it, and everything
 * after that goes past the session as framed bytes, with the backpressure that better-sse's own connections ignore.
 */
class OutletConnection extends Connection {
  readonly url: URL;
  readonly request: Request;
  readonly response: Response;
  readonly #outlet: Outlet;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(request: IncomingMessage, outlet: Outlet, headers: Readonly<Record<string, string>>) {
    super();
    this.#outlet = outlet;
    this.#headers = headers;
    this.url = addressOf(request.url ?? '/');
    // The session reads these two fields of a Request and none of a Response; real ones would cost 10 KB a reader.
    const lean = { headers: { get: (name: string) => oneHeader(request, name) }, signal: NEVER };
    this.request = lean as unknown as Request;
    this.response = {} as Response;
  }

  sendHead = (): void => this.#outlet.head(200, this.#headers);

  sendChunk = (chunk: string): void => {
    this.#outlet.write(chunk);
  };

  cleanup = (): void => {};
}

/** Opens a session: the head and `retry:` are sent, nothing else yet. `session.lastId` is what the client says it saw last. */
export async function openSseSession(
  request: IncomingMessage,
  outlet: Outlet,
  options: { readonly headers: Readonly<Record<string, string>>; readonly retryMs: number },
): Promise<Session> {
  return createSession(new OutletConnection(request, outlet, options.headers), { retry: options.retryMs, keepAlive: null });
}

function addressOf(url: string): URL {
  return url.includes('?') ? new URL(url, NO_QUERY) : NO_QUERY;
}

function oneHeader(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  // An empty header is what a client sends that has seen nothing: the same as none.
  return typeof value === 'string' && value !== '' ? value : null;
}
