import type { TestContext } from 'node:test';
import { type FeedServer, get, RawClient, sseEvents } from '../delivery/feed-server.ts';
import { eventually } from '../source/eventually.ts';

/** Reading several feeds on one connection, as the tests of `/events` do. */
export const SSE = { Accept: 'text/event-stream' };

export interface Envelope {
  readonly feed: string;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly cursor?: string;
}

export const envelopesIn = (stream: string): Envelope[] =>
  sseEvents(stream)
    .filter(({ type }) => type === 'message')
    .flatMap(({ data }) => data.split('\n').map((line) => JSON.parse(line)));

export const linesIn = (stream: string): string[] => envelopesIn(stream).map(({ feed, data }) => `${feed} ${data}`);

export const controlsIn = (stream: string, type: string) =>
  sseEvents(stream)
    .filter((event) => event.type === type)
    .map(({ id, data }) => ({ id, data: JSON.parse(data) }));

export const lastId = (stream: string): string => sseEvents(stream).findLast(({ id }) => id !== undefined)?.id ?? '';

/** Opens `/events?QUERY` and resolves when the first words have come. */
export async function open(context: TestContext, server: FeedServer, query: string, headers = {}): Promise<RawClient> {
  const client = await RawClient.open(context, server.port, get(`/events?${query}`, { ...SSE, ...headers }));
  await eventually('it is open', () => client.body.text.includes('feed.open'));
  return client;
}
