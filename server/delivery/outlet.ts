import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests on a socket since a stream has taken it over: they are never answered, since the stream's end is the connection's. */
const askedBehind = new WeakMap<Socket, number>();
/** A client that goes on asking all the same is cut off: each request costs memory until the connection ends. */
const MAX_ASKED_BEHIND = 16;

/** The way out to one client: a response that bytes are written to, with its backpressure and its end. */
export class Outlet {
  readonly #response: ServerResponse;
  readonly #closing = new AbortController();
  #isWritable = true;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#response = response;
    const { socket } = request;
    socket.setNoDelay(true);
    // What a client sends behind its request is thrown away; the socket is not used for another request.
    request.resume();
    response.shouldKeepAlive = false;
    response.on('drain', () => {
      this.#isWritable = true;
    });
    const close = () => this.#closing.abort();
    response.once('close', close);
    response.on('error', close);
    // Its end has been told already where the client left before it was answered.
    if (isTaken(socket) || socket.destroyed || response.destroyed) close();
    // A response that waits behind another one (pipelining) is not told that its connection has ended.
    else socket.once('close', close);
  }

  /** Aborted when the connection has ended, whoever ended it. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  get isOpen(): boolean {
    return !this.#closing.signal.aborted && !this.#response.writableEnded;
  }

  /** Whether the client keeps up: false from a write that was not taken at once until it has drained. */
  get isWritable(): boolean {
    return this.#isWritable && this.isOpen;
  }

  /** Changes with every byte that the system takes for the client: tells a slow client from one that takes nothing. */
  get bytesTaken(): number {
    const { socket } = this.#response;
    return socket === null ? 0 : socket.bytesWritten - waitingBytes(socket);
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
  }

  /** Gives bytes to the socket. False: the client does not keep up (they are taken all the same). */
  write(bytes: Buffer | string): boolean {
    if (!this.isOpen || bytes.length === 0) return this.#isWritable;
    this.#isWritable = this.#response.write(bytes);
    return this.#isWritable;
  }

  /** Returns the function that ends it. */
  onDrain(listener: () => void): () => void {
    this.#response.on('drain', listener);
    return () => this.#response.off('drain', listener);
  }

  /**
   * Gives bytes to the socket, and resolves when the system has them or the client is gone. `onTaken` is called when the system has
   * them, never where the client is gone first: until then they are read from where they lie.
   */
  async send(bytes: Buffer, onTaken: () => void): Promise<void> {
    if (!this.isOpen || bytes.length === 0) return;
    await new Promise<void>((resolve) => {
      const gone = () => resolve();
      this.closed.addEventListener('abort', gone, { once: true });
      this.#isWritable = this.#response.write(bytes, (error) => {
        this.closed.removeEventListener('abort', gone);
        // Node 26 tells a write that has failed before it tells of the end.
        if (error) this.#closing.abort();
        else onTaken();
        resolve();
      });
    });
  }

  end(): void {
    if (this.isOpen) this.#response.end();
  }

  /** Cuts the connection, so that the client sees that something is missing. */
  destroy(): void {
    this.#response.destroy();
  }
}

/** Whether a stream has this socket already; from now on one has. */
function isTaken(socket: Socket): boolean {
  const asked = askedBehind.get(socket);
  askedBehind.set(socket, (asked ?? -1) + 1);
  if (asked !== undefined && asked >= MAX_ASKED_BEHIND) socket.destroy();
  return asked !== undefined;
}

/**
 * Bytes of a write that the system has not taken yet. Node counts a write as written when it begins, and tells how far it is only in
 * the handle; its own socket timeout looks there for the same reason.
 */
function waitingBytes(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
