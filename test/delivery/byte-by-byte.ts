import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { EventSource } from 'eventsource';
import { createEventSource } from 'eventsource-client';

/** An event as a client's parser gives it. */
export interface Parsed {
  readonly type: string;
  readonly id: string;
  readonly data: string;
}

/** Ends a stream for the readers here. No event of a test has this type. */
const LAST = 'end-of-test';

/** Serves event streams in as many writes as they have bytes (at most `maxWrites`), and reads them with real clients. */
export async function byteServer(context: TestContext, maxWrites: number) {
  let stream: Buffer = Buffer.alloc(0);
  const server = createServer(async (_request, response) => {
    response.socket?.setNoDelay(true);
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const step = Math.max(1, Math.ceil(stream.length / maxWrites));
    for (let at = 0; at < stream.length && !response.destroyed; at += step) {
      response.write(stream.subarray(at, at + step));
      await turn();
    }
    response.write(`event: ${LAST}\ndata\n\n`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    /** What eventsource@4 and eventsource-client make of `bytes`; `types` are those that EventSource has to be told of. */
    async read(bytes: Buffer, types: readonly string[]): Promise<{ eventSource: Parsed[]; eventSourceClient: Parsed[] }> {
      stream = bytes;
      const [eventSource, eventSourceClient] = await Promise.all([withEventSource(url, types), withClient(url)]);
      return { eventSource, eventSourceClient };
    },
  };
}

function withEventSource(url: string, types: readonly string[]): Promise<Parsed[]> {
  return new Promise((resolve, reject) => {
    const events: Parsed[] = [];
    const source = new EventSource(url);
    const take = ({ type, lastEventId, data }: MessageEvent) => events.push({ type, id: lastEventId, data });
    for (const type of new Set(['message', ...types])) source.addEventListener(type, take);
    source.addEventListener('error', reject);
    source.addEventListener(LAST, () => {
      source.close();
      resolve(events);
    });
  });
}

async function withClient(url: string): Promise<Parsed[]> {
  const events: Parsed[] = [];
  const source = createEventSource(url);
  for await (const { event, id, data } of source) {
    if (event === LAST) break;
    events.push({ type: event ?? 'message', id: id ?? '', data });
  }
  source.close();
  return events;
}
