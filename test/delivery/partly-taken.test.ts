import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { eventually } from '../source/eventually.ts';
import { feedServer, get, messagesOf, RawClient } from './feed-server.ts';

test('an event of which the system takes a part from the round comes whole, and once', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('a', new MemoryLog({ maxBytes: 1 << 28, maxEvents: 1 << 20 }));
  const client = await RawClient.open(context, server.port, get('/feeds/a', { Accept: 'text/event-stream' }));
  await eventually('it is open', () => client.text.includes('feed.open'));
  client.socket.pause();
  const [reader] = server.delivery.connected.all;
  const given: string[] = [];
  while (reader?.outlet.isWritable) {
    given.push(`${given.length} ${'x'.repeat(100_000)}`);
    log.append(given.at(-1) ?? '');
    await turn();
  }
  client.socket.resume();
  const last = given.at(-1) ?? '';
  await eventually('the last has come', () => client.text.includes(`${last}\n\n`));
  assert.ok(messagesOf(client.body.text).join() === given.join(), `${given.length} events`);
});
