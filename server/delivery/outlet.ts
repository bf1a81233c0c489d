import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { bodyOf, chunkHead, chunkOf } from './chunked.ts';
import { type Borrower, DirectWay } from './direct-way.ts';
import type { EncodedBody } from './encoding.ts';
import type { CrcSum } from './gzip/crc-sum.ts';

/** Requests on a socket since a stream has taken it over: they are never answered, since the stream's end is the connection's. */
const askedBehind = new WeakMap<Socket, number>();
/** A client that goes on asking all the same is cut off: each request costs memory until the connection ends. */
const MAX_ASKED_BEHIND = 16;

/**
 * The way out to one client: a response that bytes are written to, with its backpressure and its end. Behind the head they go to the
 * socket itself, as chunks that are made once for all readers; the response stays the owner of the socket and ends it.
 */
export class Outlet {
  #isOpen = true;
  #isWritable = true;
  #timesBehind = 0;
  /** Past the socket's stream, where bytes may go there. */
  #direct: DirectWay | undefined;
  readonly #socket: Socket;
  /** Whether chunks are made here: not for HTTP/1.0, nor where the response makes them. */
  #makesChunks = false;
  readonly #body: EncodedBody | undefined;
  #way: ServerResponse | Socket;
  readonly #response: ServerResponse;
  /** Made when it is asked for: most readers do without, and it takes a kilobyte. */
  #closing: AbortController | undefined;
  readonly #closeListeners: (() => void)[] = [];
  #isClosed = false;
  #drained: (() => void) | undefined;

  /** `body`: where what is written is to be encoded. */
  constructor(request: IncomingMessage, response: ServerResponse, body?: EncodedBody) {
    this.#response = response;
    this.#body = body;
    this.#way = response;
    const { socket } = request;
    this.#socket = socket;
    socket.setNoDelay(true);
    // What a client sends behind its request is thrown away; the socket is not used for another request.
    request.resume();
    response.shouldKeepAlive = false;
    const close = () => this.#close();
    response.on('close', close);
    response.on('error', close);
    // Its end has been told already where the client left before it was answered.
    if (isTaken(socket) || socket.destroyed || response.destroyed) close();
    // A response that waits behind another one (pipelining) is not told that its connection has ended.
    else socket.on('close', close);
  }

  /** Aborted when the connection has ended, whoever ended it. */
  get closed(): AbortSignal {
    this.#closing ??= new AbortController();
    if (this.#isClosed) this.#closing.abort();
    return this.#closing.signal;
  }

  /** Whether the connection has ended. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether something can be said: not where its end has been said. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the client keeps up: false from a write that was not taken at once until it has drained. */
  get isWritable(): boolean {
    return this.#isWritable && this.#isOpen;
  }

  /** While the client does not keep up, changes with every byte that the system takes for it: tells a slow one from one that takes nothing. */
  get bytesTaken(): number {
    return this.#socket.bytesWritten - waitingBytes(this.#socket);
  }

  /** How often the client has ceased to keep up: until then it had taken all, also what was written past the socket, which nobody counts. */
  get timesBehind(): number {
    return this.#timesBehind;
  }

  /** Bytes that have been written and that the system has not taken yet. */
  get bytesWaiting(): number {
    return this.#socket.writableLength;
  }

  /** Of the client, or of the proxy that it came through; undefined once the connection has ended. */
  get address(): string | undefined {
    return this.#socket.remoteAddress;
  }

  /**
   * Lets the system ask for the client once nothing has come of it for so long: one that has vanished ends the connection ten seconds later. Who
   * is written to need not be asked for.
   */
  probeAfter(silenceMs: number): void {
    this.#socket.setKeepAlive(true, silenceMs);
  }

  /** What is said in the same turn goes out with the head, in one write. */
  head(status: number, headers: Readonly<Record<string, string>>): void {
    const socket = this.#socket;
    socket.cork();
    process.nextTick(() => socket.uncork());
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
    // A response that waits behind another one has no socket yet, and that of a HEAD drops what is written.
    if (this.#response.socket !== null && this.#response.req.method !== 'HEAD') {
      this.#way = socket;
      this.#makesChunks = this.#response.chunkedEncoding;
      this.#direct = DirectWay.past(socket);
    }
    this.#way.on('drain', () => {
      this.#isWritable = true;
      this.#drained?.();
    });
    if (this.#body !== undefined) this.#giveWhole(this.#body.begin());
  }

  /** Gives bytes to the socket. False: the client does not keep up (they are taken all the same). */
  write(bytes: Buffer | string): boolean {
    return this.#giveWhole(this.#body === undefined ? bytes : this.#body.own(Buffer.from(bytes)));
  }

  /**
   * Gives bytes that are framed as a chunk already, for many; `sum` where they are encoded. `written`: so many of them have been written
   * to the descriptor, and the system takes no more.
   */
  writeChunk(chunk: Buffer, sum?: CrcSum, written?: number): boolean {
    if (sum !== undefined) this.#body?.add(sum);
    const bytes = this.#makesChunks ? chunk : bodyOf(chunk);
    if (bytes.length === 0) return this.isWritable;
    const taken = written ?? (this.isWritable ? this.#direct?.write(bytes) : 0) ?? 0;
    return taken === bytes.length || this.#give(bytes.subarray(taken));
  }

  /** Lends the descriptor to one who writes whole chunks to it, until it is taken back. Negative where bytes must go through here. */
  lend(borrower: Borrower): number {
    if (!this.#makesChunks || this.#body !== undefined || !this.isWritable) return -1;
    return this.#direct?.lend(borrower) ?? -1;
  }

  /** Called when a client that did not keep up does so again; one listener at a time. Returns the function that ends it. */
  onDrain(listener: () => void): () => void {
    this.#drained = listener;
    return () => {
      if (this.#drained === listener) this.#drained = undefined;
    };
  }

  /** Called once when the connection has ended, at once where it has already. Returns the function that takes it back. */
  whenClosed(listener: () => void): () => void {
    if (this.#isClosed) listener();
    else this.#closeListeners.push(listener);
    return () => {
      const place = this.#closeListeners.indexOf(listener);
      if (place >= 0) this.#closeListeners.splice(place, 1);
    };
  }

  /**
   * Gives bytes to the socket, and resolves when the system has them or the client is gone. `onTaken` is called when the system has
   * them, never where the client is gone first: until then they are read from where they lie. `sum` where they are encoded.
   */
  async send(bytes: Buffer, onTaken: () => void, sum?: CrcSum): Promise<void> {
    if (!this.#isOpen || bytes.length === 0) return;
    if (sum !== undefined) this.#body?.add(sum);
    await new Promise<void>((resolve) => {
      const stopWaiting = this.whenClosed(resolve);
      const done = (error?: Error | null) => {
        stopWaiting();
        // A write that has failed may be told before the end is; what a socket that is cut off still held fails without an error.
        if (error || this.#socket.destroyed) this.#close();
        else onTaken();
        resolve();
      };
      if (this.#makesChunks) this.#giveAsChunk(bytes, done);
      else this.#give(bytes, done);
    });
  }

  end(): void {
    if (!this.#isOpen) return;
    if (this.#body !== undefined) this.#giveWhole(this.#body.end());
    this.#direct?.takeBack();
    this.#isOpen = false;
    this.#response.end();
  }

  /** Cuts the connection, so that the client sees that something is missing. */
  destroy(): void {
    this.#response.destroy();
  }

  #give(bytes: Buffer | string, done?: (error?: Error | null) => void): boolean {
    if (!this.#isOpen || bytes.length === 0) return this.#isWritable;
    this.#direct?.stepAside();
    // Where the client has half-closed, Node has ended our half as well: nothing is taken until the connection has ended.
    const keptUp = this.#isWritable;
    this.#isWritable = this.#way.writable && this.#way.write(bytes, done);
    if (keptUp && !this.#isWritable) this.#timesBehind += 1;
    return this.#isWritable;
  }

  #giveWhole(bytes: Buffer | string): boolean {
    return this.#give(this.#makesChunks ? chunkOf([Buffer.from(bytes)]) : bytes);
  }

  /** As three parts of one write, since copying much takes long. */
  #giveAsChunk(bytes: Buffer, done: (error?: Error | null) => void): void {
    const socket = this.#way;
    socket.cork();
    this.#give(chunkHead(bytes.length));
    this.#give(bytes, done);
    this.#give('\r\n');
    socket.uncork();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#direct?.takeBack();
    this.#isClosed = true;
    this.#isOpen = false;
    this.#closing?.abort();
    for (const listener of this.#closeListeners.splice(0)) listener();
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
