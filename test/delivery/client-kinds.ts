import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { get, messagesOf, type RawClient, sseEvents } from './feed-server.ts';

/** What a client asks for, and how it finds in a body the numbers with which the events of feed `a` begin. */
export interface ClientKind {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it can come back with an id of its own. */
  readonly hasIds?: true;
  readonly isGzip?: true;
  readonly isOld?: true;
  /** What it sends before, on the same connection. */
  readonly before?: string;
  /** Those that it is to see of all numbers. */
  shows?(number: number): boolean;
  dataOf(body: string): string[];
}

const SSE = { Accept: 'text/event-stream' };

const linesOf = (body: string) => body.split('\n').slice(0, -1).filter(Boolean);
const envelopesOf = (body: string): string[] =>
  messagesOf(body)
    .flatMap((data) => data.split('\n').map((line) => JSON.parse(line)))
    .filter(({ feed }) => feed === 'a')
    .map(({ data }) => data);
const ndjsonOf = (body: string): string[] =>
  linesOf(body)
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'message')
    .map(({ data }) => data);

const PLAIN: ClientKind = { path: '/feeds/a', headers: SSE, hasIds: true, dataOf: messagesOf };

/** Nearly all there are; most of all those who lend their descriptors. */
export const CLIENT_KINDS: readonly ClientKind[] = [
  PLAIN,
  PLAIN,
  PLAIN,
  { ...PLAIN, path: '/feeds/a?beat=1s' },
  { ...PLAIN, path: '/feeds/a?match=%5E%5B0-9%5D*7', shows: (number) => `${number}`.includes('7') },
  { ...PLAIN, path: '/events?feed=a&feed=b', dataOf: envelopesOf },
  { ...PLAIN, path: '/feeds/a?batch=50', dataOf: envelopesOf },
  { path: '/feeds/a', headers: { ...SSE, 'Accept-Encoding': 'gzip' }, isGzip: true, dataOf: messagesOf },
  { path: '/feeds/a', headers: SSE, isOld: true, dataOf: messagesOf },
  { path: '/feeds/a', headers: SSE, before: get('/feeds/none', {}), dataOf: messagesOf },
  { path: '/feeds/a?format=ndjson', dataOf: ndjsonOf },
  { path: '/feeds/a?format=text', dataOf: linesOf },
];

export function requestOf({ path, headers = {}, isOld, before = '' }: ClientKind, id?: string): string {
  const request = get(path, id === undefined ? headers : { ...headers, 'Last-Event-ID': id });
  return before + (isOld === true ? request.replace('HTTP/1.1', 'HTTP/1.0') : request);
}

/** Whether the head of the answer has come: from here on nothing may be missed. */
export function isAnswered({ text }: RawClient): boolean {
  const at = text.indexOf('HTTP/1.1 200');
  return at >= 0 && text.includes('\r\n\r\n', at);
}

/** The body of the answer; `mustBeWhole`: fails where its end has not come. */
export function bodyOf(kind: ClientKind, client: RawClient, mustBeWhole: boolean): string {
  const start = client.text.indexOf('HTTP/1.1 200');
  client.received = client.received.subarray(start);
  if (kind.isOld === true) return client.received.subarray(client.text.indexOf('\r\n\r\n') + 4).toString();
  const { bytes, isWhole } = client.bodyBytes;
  if (mustBeWhole) assert.ok(isWhole, `${kind.path}: its end has come`);
  return kind.isGzip === true && mustBeWhole ? gunzipSync(bytes).toString() : bytes.toString();
}

export function numbersOf(kind: ClientKind, body: string): number[] {
  return kind.dataOf(body).map((data) => Number.parseInt(data, 10));
}

/** Where a client would come back that has had `body`. */
export function lastIdOf(body: string): string | undefined {
  return sseEvents(body).findLast(({ id }) => id !== undefined)?.id;
}
