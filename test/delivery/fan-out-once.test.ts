import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Delivery } from '../../server/delivery/delivery.ts';
import type { Format } from '../../server/delivery/format.ts';
import { sseFormat } from '../../server/delivery/formats.ts';
import type { Outlet } from '../../server/delivery/outlet.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { toFeedName } from '../../server/feed/name.ts';
import type { Feed } from '../../server/feed/registry.ts';
import { eventually } from '../source/eventually.ts';
import { get, messagesOf, RawClient } from './feed-server.ts';
import { outletServer } from './outlet-server.ts';

/** A real format that counts how often it frames. */
function counting(): { format: Format; framed: () => number } {
  let count = 0;
  const real = sseFormat();
  const events: Format['events'] = (batches) => {
    count += batches.length;
    return real.events(batches);
  };
  return { format: { ...real, events }, framed: () => count };
}

test('500 readers of one feed all get all of it, and its bytes are framed once', async (context) => {
  const delivery = new Delivery({ windowBytes: 512 * 1024, stallTimeoutMs: 600_000, instance: 'test' });
  context.after(() => delivery.close());
  const log = new MemoryLog();
  const feed: Feed = { name: toFeedName('a'), source: 'test', log, readers: 0 };
  const { format, framed } = counting();
  const follow = (outlet: Outlet) => delivery.follow(feed, { start: { at: 'head' }, format, beatMs: undefined }, outlet);
  const { port } = await outletServer(context, (outlet) => void follow(outlet));
  const clients = await Promise.all(Array.from({ length: 500 }, () => RawClient.open(context, port, get('/'))));
  await eventually('all of them read', () => delivery.readers === 500);
  assert.equal(framed(), 0);
  const bursts = 100;
  for (let burst = 0; burst < bursts; burst += 1) {
    for (let line = 0; line < 10; line += 1) log.append(`line ${burst * 10 + line}`);
    await turn();
    await turn();
  }
  await eventually('all have the last line', () => clients.every((client) => client.text.includes('data: line 999\n\n')), 20_000);
  const wanted = Array.from({ length: 1_000 }, (_, index) => `line ${index}`);
  for (const client of clients) assert.deepEqual(messagesOf(client.body.text), wanted);
  assert.ok(
    framed() >= 1 && framed() <= bursts,
    `a burst is framed once for everybody: ${framed()} framings of ${bursts} bursts`,
  );
  for (const client of clients) client.socket.destroy();
  await eventually('nobody reads', () => delivery.readers === 0 && feed.readers === 0);
});
