/** From replay to live in a published feed: no gap, no double, whatever is published meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { get, RawClient, sseEvents } from '../delivery/feed-server.ts';
import { seeded } from '../e2e/seed.ts';
import { eventually } from '../source/eventually.ts';
import { eventsOf, post, publishingServer } from './publishing.ts';

const PUBLISHERS = 8;
const EACH = 150;
const READERS = 24;

test('readers that join, stall and come back among publishers each read an unbroken stretch of the feed', async (context) => {
  const random = seeded(context);
  const { url, port } = await publishingServer(context, { windowBytes: 64 * 1024, segmentBytes: 256 * 1024 });
  const at = `${url}/feeds/a`;
  const ids: string[] = [];
  const publish = async (publisher: number) => {
    for (let n = 0; n < EACH; n += 1) {
      const { json } = await post(at, `${publisher}:${n} ${'x'.repeat(random.one([0, 100, 2_000]))}`);
      ids.push(String(json.id));
    }
  };
  const publishing = Promise.all(Array.from({ length: PUBLISHERS }, (_, publisher) => publish(publisher)));
  await eventually('the feed is there', () => ids.length > 20);

  const readers: { readonly client: RawClient; readonly start: string }[] = [];
  const join = async (): Promise<void> => {
    const start = random.one(['since=start', 'last=7', 'last=300', '', `since=${random.one(ids as [string])}`]);
    const client = await RawClient.open(context, port, get(`/feeds/a?${start}`, { Accept: 'text/event-stream' }));
    readers.push({ client, start });
    if (random.next() < 0.5) return;
    client.socket.pause();
    await delay(random.whole(0, 40));
    client.socket.resume();
  };
  for (let reader = 0; reader < READERS; reader += 1) {
    await Promise.all([join(), delay(random.whole(0, 15))]);
  }
  await publishing;
  await post(at, 'last');
  const all = (await eventsOf(at)).map(({ id }) => id);
  assert.equal(all.length, PUBLISHERS * EACH + 1);
  await eventually(
    'all readers are at the end',
    () => readers.every(({ client }) => client.body.text.endsWith('data: last\n\n')),
    20_000,
  );
  for (const { client, start } of readers) {
    const [open, ...events] = sseEvents(client.body.text);
    const first = open?.id === undefined ? 0 : all.indexOf(open.id) + 1;
    assert.equal(open?.type, 'feed.open');
    assert.deepEqual(
      events.map(({ id }) => id),
      all.slice(first),
      start,
    );
    assert.ok(events.every(({ type }) => type === 'message'));
  }
});
