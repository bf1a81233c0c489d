import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { liveMessages } from '../../server/http/live-messages.ts';
import { LoopStalls } from '../loop-stalls.ts';
import { serve } from './serving.ts';

test('ten messages come as ten chunks, the first at once, 1,000 ± 150 ms apart, and then a clean end', async (t) => {
  const { port } = await serve(t, (app) => app.get('/live_messages', liveMessages()));
  const stalls = new LoopStalls();
  t.after(() => stalls.stop());
  const asked = performance.now();
  const arrivals: { at: number; text: string }[] = [];
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('utf8').on('data', (text: string) => arrivals.push({ at: performance.now(), text }));
  socket.write('GET /live_messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await once(socket, 'end');

  const [head = '', ...body] = arrivals
    .map(({ text }) => text)
    .join('')
    .split('\r\n\r\n');
  assert.match(head, /\r\nTransfer-Encoding: chunked(\r\n|$)/);
  assert.match(head, /\r\nContent-Type: text\/plain; charset=utf-8(\r\n|$)/);
  const chunks = Array.from({ length: 10 }, (_, index) => `16\r\nMessage ${index} from server\n\r\n`);
  assert.equal(body.join('\r\n\r\n'), `${chunks.join('')}0\r\n\r\n`);

  const messages = arrivals.filter(({ text }) => text.includes('Message'));
  assert.equal(messages.length, 10);
  const times = [asked, ...messages.map(({ at }) => at)];
  const pauses = times.slice(1).map((at, index) => {
    const before = times[index] as number;
    // The message before may have been the late one, so its second counts as well.
    return { ms: at - before, stalledMs: stalls.longestMs(before - 1_000, at) };
  });
  t.diagnostic(`ms apart: ${pauses.map(({ ms }) => Math.round(ms)).join(' ')}`);
  const [first, ...rest] = pauses;
  assert.ok(first !== undefined && first.ms < 500 + first.stalledMs, `the first came after ${first?.ms} ms`);
  for (const { ms, stalledMs } of rest)
    assert.ok(Math.abs(ms - 1000) <= 150 + stalledMs, `${ms} ms apart, where the process stalled for ${stalledMs} ms`);
});
