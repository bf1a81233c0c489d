import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import express from 'express';
import { Delivery, type DeliveryOptions } from '../../server/delivery/delivery.ts';
import type { Encoding } from '../../server/delivery/encoding.ts';
import { Gzip } from '../../server/delivery/gzip/gzip.ts';
import { FilterViews, type FilterViewsOptions } from '../../server/feed/filter/filter-views.ts';
import type { Log } from '../../server/feed/log.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { toFeedName } from '../../server/feed/name.ts';
import { type Feed, Registry } from '../../server/feed/registry.ts';
import { FeedSets } from '../../server/feed/set/feed-sets.ts';
import { answerProblem } from '../../server/http/answer-problem.ts';
import { connectionsRoute } from '../../server/http/connections.ts';
import { connectionEnd, connectionList } from '../../server/http/connections-view.ts';
import { eventsRoute } from '../../server/http/events.ts';
import { feedRoute, reading } from '../../server/http/feeds.ts';
import { listen } from '../../server/http/listen.ts';

/** The feed route on a real server, wired as app.ts does it, with logs that a test writes. */
export interface FeedServer {
  readonly registry: Registry;
  readonly delivery: Delivery;
  readonly server: Server;
  readonly url: string;
  readonly port: number;
  /** What the service log was told. */
  readonly failures: unknown[];
  add<L extends Log = MemoryLog>(name: string, log?: L): { readonly feed: Feed; readonly log: L };
  connections(): Promise<number>;
}

export async function feedServer(
  context: TestContext,
  {
    filtering,
    gzip = new Gzip(),
    ...options
  }: Partial<DeliveryOptions> & { filtering?: Omit<FilterViewsOptions, 'onFailure'>; gzip?: Encoding | 'off' } = {},
): Promise<FeedServer> {
  const registry = new Registry();
  const delivery = new Delivery({ windowBytes: 512 * 1024, stallTimeoutMs: 600_000, instance: 'test', ...options });
  registry.onChange(({ type, feed }) => type === 'removed' && delivery.letGo('removed', feed));
  const failures: unknown[] = [];
  const app = express();
  app.set('query parser', 'simple');
  const log = { error: (fields: object) => void failures.push(fields) };
  const views = new FilterViews({
    ...filtering,
    onFailure: (view, error) => {
      failures.push({ feed: view.name, err: error });
      delivery.letGo('unavailable', view);
    },
  });
  const serving = { delivery, log, gzip: gzip === 'off' ? undefined : gzip };
  app.all('/feeds/*name', feedRoute(reading(registry, views, serving)));
  const several = { registry, sets: new FeedSets(registry, views), views, ...serving };
  app.all('/events', eventsRoute(several));
  app.get('/connections', connectionList(delivery));
  app.delete('/connections/:id', connectionEnd(delivery));
  app.all('/connections/:id', connectionsRoute(several, { idleMs: 10_000, signal: new AbortController().signal }));
  app.use(answerProblem(log));
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  context.after(async () => {
    delivery.close();
    server.close();
    server.closeAllConnections();
    await registry.close();
    await views.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    registry,
    delivery,
    server,
    url: `http://127.0.0.1:${port}`,
    port,
    failures,
    add: (name, log) => {
      const made = log ?? new MemoryLog();
      const feed = registry.add({ name: toFeedName(name), source: 'test', log: made });
      return { feed, log: made as NonNullable<typeof log> };
    },
    connections: () =>
      new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count)))),
  };
}

export function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): string {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A client that is nothing but a socket: it reads when it is told to, and can be cut at any moment. */
export class RawClient {
  readonly socket: Socket;
  received: Buffer = Buffer.alloc(0);
  readonly #parts: Buffer[] = [];
  isEnded = false;

  constructor(port: number, { allowHalfOpen = false }: { allowHalfOpen?: boolean } = {}) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen });
    this.socket.on('data', (bytes: Buffer) => this.#parts.push(bytes));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isEnded = true;
    });
    this.socket.on('end', () => {
      this.isEnded = true;
    });
  }

  static async open(
    context: TestContext,
    port: number,
    request: string,
    options?: { allowHalfOpen?: boolean },
  ): Promise<RawClient> {
    const client = new RawClient(port, options);
    context.after(() => client.socket.destroy());
    await once(client.socket, 'connect');
    client.socket.write(request);
    return client;
  }

  /** Everything that has been received. */
  get text(): string {
    if (this.#parts.length > 0) this.received = Buffer.concat([this.received, ...this.#parts.splice(0)]);
    return this.received.toString('latin1');
  }

  /** The body so far, out of its chunks; `isWhole` once the last chunk has come. */
  get body(): { readonly text: string; readonly isWhole: boolean } {
    const { bytes, isWhole } = this.bodyBytes;
    return { text: bytes.toString(), isWhole };
  }

  get bodyBytes(): { readonly bytes: Buffer; readonly isWhole: boolean } {
    const headEnd = this.text.indexOf('\r\n\r\n');
    return headEnd < 0 ? { bytes: Buffer.alloc(0), isWhole: false } : unchunked(this.received.subarray(headEnd + 4));
  }
}

function unchunked(bytes: Buffer): { bytes: Buffer; isWhole: boolean } {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return { bytes: Buffer.concat(parts), isWhole: false };
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (length === 0) return { bytes: Buffer.concat(parts), isWhole: true };
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}

export interface SseEvent {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** The whole events of one of our streams: LF only, one space after each colon. */
export function sseEvents(stream: string): SseEvent[] {
  return stream
    .split('\n\n')
    .slice(0, -1)
    .map((frame) => frame.split('\n').filter((line) => line !== '' && !line.startsWith(':')))
    .filter((lines) => lines.some((line) => line.startsWith('data: ')))
    .map((lines) => {
      const values = (name: string) =>
        lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
      return { type: values('event')[0] ?? 'message', id: values('id')[0], data: values('data').join('\n') };
    });
}

/** The data of the messages, control events left out. */
export function messagesOf(stream: string): string[] {
  return sseEvents(stream)
    .filter(({ type }) => !type.startsWith('feed.'))
    .map(({ data }) => data);
}
