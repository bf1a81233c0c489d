/** What is published is what every client reads, however it is sent and cut on the way (DESIGN.md §11: a differential oracle). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { EventSource } from 'eventsource';
import { createEventSource } from 'eventsource-client';
import fc from 'fast-check';
import { EventSource as LaunchDarklyEventSource } from 'launchdarkly-eventsource';
import { EventSource as UndiciEventSource } from 'undici';
import { eventually } from '../source/eventually.ts';
import { publishingServer } from './publishing.ts';

interface Read {
  readonly type: string;
  readonly data: string;
  readonly id: string;
}

interface Sent {
  readonly way: 'text' | 'json' | 'ndjson' | 'sse' | 'lines';
  readonly type: string | undefined;
  readonly text: string;
  /** Where the body is cut, in bytes. */
  readonly cuts: readonly number[];
}

const LAST = 'end-of-test';
const letters = fc.constantFrom(
  'a',
  'é',
  '😀',
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\ufeff',
  '\ud800',
  '\u2028',
  ':',
  ' ',
  '\t',
  'data: x',
  '\n\n',
  '"',
  '\\',
);
const text = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: letters, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 300_000 }).map((length) => 'é'.repeat(length / 2)) },
);
/** `open` and `error` are what EventSource tells of itself. */
const type = fc.option(
  fc.string({ unit: fc.constantFrom('a', 'é', '😀', ':', '-', '\u2028', '"', '.'), minLength: 1, maxLength: 5 }),
  { nil: undefined },
);
const sent: fc.Arbitrary<Sent> = fc.record({
  way: fc.constantFrom('text', 'json', 'ndjson', 'sse', 'lines'),
  type,
  text,
  cuts: fc.array(fc.nat(40), { maxLength: 6 }),
});

test('eventsource, eventsource-client, launchdarkly-eventsource and undici read what was published', async (context) => {
  const { url } = await publishingServer(context);
  let feed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 6 }), async (events) => {
      feed += 1;
      const at = `${url}/feeds/f${feed}`;
      for (const event of events) await publish(at, event);
      await publish(at, { way: 'text', type: LAST, text: '', cuts: [] });
      const expected = events.map((event) => ({ type: event.type ?? 'message', data: expectedOf(event) }));
      const types = [...new Set(['message', LAST, ...events.flatMap(({ type: own }) => own ?? [])])];
      const reads = await Promise.all(CLIENTS.map((read) => read(context, `${at}?since=start`, types)));
      for (const [index, read] of reads.entries()) {
        const what = CLIENTS[index]?.name;
        assert.deepEqual(
          read.slice(0, -1).map(({ type: own, data }) => ({ type: own, data })),
          expected,
          what,
        );
        assert.deepEqual(
          read.map(({ id }) => id),
          reads[0]?.map(({ id }) => id),
          `the ids of ${what}`,
        );
      }
    }),
    { numRuns: 25 },
  );
});

/** Line breaks become LF, what is half a character becomes U+FFFD. */
function expectedOf({ way, text: given }: Sent): string {
  if (way === 'json' || way === 'ndjson') return JSON.stringify(given);
  const whole = given.toWellFormed();
  // A byte order mark at the start of a stream is no part of its first line.
  return way === 'lines' ? whole.replace(/[\r\n]+/g, ' ').replace(/^\ufeff/, '') : whole.replace(/\r\n?/g, '\n');
}

function bodyOf(event: Sent): string {
  const { way, type: own, text: given } = event;
  if (way === 'json' || way === 'ndjson') return `${JSON.stringify(given)}\n`;
  if (way === 'lines') return `${given.toWellFormed().replace(/[\r\n]+/g, ' ')}\r\n`;
  if (way === 'text') return given;
  const data = given.split(/\r\n?|\n/).map((line) => `data: ${line}\r\n`);
  return `${own === undefined ? '' : `event: ${own}\r\n`}${data.join('')}\r\n`;
}

async function publish(at: string, event: Sent): Promise<void> {
  const query = event.type === undefined || event.way === 'sse' ? '' : `&type=${encodeURIComponent(event.type)}`;
  const asking = request(`${at}?format=${event.way}${query}`, { method: 'POST', agent: false });
  const bytes = Buffer.from(bodyOf(event));
  const places = [0, ...event.cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
  for (const [index, place] of places.slice(1).entries()) {
    asking.write(bytes.subarray(places[index], place));
    await turn();
  }
  asking.end();
  const [response] = await once(asking, 'response');
  let answer = '';
  for await (const piece of response.setEncoding('utf8')) answer += piece;
  assert.ok(response.statusCode === 201 || answer.includes('"events":1,'), `${response.statusCode} ${answer}`);
}

type Client = (context: TestContext, url: string, types: readonly string[]) => Promise<Read[]>;

/** What the EventSource clients have in common. */
interface Emitter {
  addEventListener(type: string, listener: (event: { readonly data: string; readonly lastEventId: string }) => void): void;
  close(): void;
}

const eventSource: Client = (_context, url, types) => listen(new EventSource(url), types);
const launchDarkly: Client = (_context, url, types) => listen(new LaunchDarklyEventSource(url), types);
const undici: Client = (_context, url, types) => listen(new UndiciEventSource(url), types);
const eventSourceClient: Client = async (_context, url) => {
  const reads: Read[] = [];
  const client = createEventSource({
    url,
    onMessage: ({ event, data, id }) => {
      if (!event?.startsWith('feed.')) reads.push({ type: event ?? 'message', data, id: id ?? '' });
    },
  });
  await untilLast(reads);
  client.close();
  return reads;
};
const CLIENTS: readonly Client[] = [eventSource, launchDarkly, undici, eventSourceClient];

async function listen(source: Emitter, types: readonly string[]): Promise<Read[]> {
  const reads: Read[] = [];
  for (const own of types)
    source.addEventListener(own, ({ data, lastEventId }) => reads.push({ type: own, data, id: lastEventId }));
  source.addEventListener('error', () => {});
  await untilLast(reads);
  source.close();
  return reads;
}

async function untilLast(reads: readonly Read[]): Promise<void> {
  await eventually('the last event is there', () => reads.at(-1)?.type === LAST, 30_000);
}
