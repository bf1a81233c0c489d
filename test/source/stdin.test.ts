import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { startStdin } from '../../server/source/stdin.ts';
import { eventually } from './eventually.ts';
import { shown } from './reading.ts';

function start() {
  const log = new MemoryLog();
  const input = new PassThrough();
  const controller = new AbortController();
  return { log, input, controller, ended: startStdin({ log, input, signal: controller.signal, partialTimeoutMs: 20 }) };
}

describe('standard input is a feed', () => {
  test('its lines are events, and its end is told as one', async () => {
    const { log, input, ended } = start();
    for (const chunk of ['one\nt', 'wo\r\n\nthr', 'ee']) input.write(chunk);
    input.end();
    await ended;
    const events = await shown(log);
    assert.deepEqual(events.slice(0, -1), ['one', 'two', '', 'three']);
    assert.match(events.at(-1) ?? '', /^end: standard input ended after 4 lines and [0-9.]+ s$/);
  });

  test('an input that ends at once is told too', async () => {
    const { log, input, ended } = start();
    input.end();
    await ended;
    assert.match((await shown(log)).join(), /^end: standard input ended after 0 lines/);
  });

  test('an input that fails keeps what came and says what happened', async () => {
    const { log, input, ended } = start();
    input.write('one\ntw');
    await eventually('the line came', () => log.stats.eventsAppended === 1);
    input.destroy(new Error('read EIO'));
    await ended;
    assert.deepEqual(await shown(log), ['one', 'tw', 'end: standard input cannot be read any more: read EIO']);
  });

  test('reading ends with the service, and that is not called an end', async () => {
    const { log, input, controller, ended } = start();
    input.write('one\n');
    await eventually('the line came', () => log.stats.eventsAppended === 1);
    controller.abort();
    await ended;
    assert.equal(input.destroyed, true);
    assert.deepEqual(await shown(log), ['one']);
  });

  test('characters and lines that come in pieces are whole, 10,000 of them in order', async () => {
    const { log, input, ended } = start();
    const lines = Array.from({ length: 9999 }, (_, index) => `żółw 👩‍👩‍👧 ${index}`);
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 8191)
      input.write(bytes.subarray(at, at + size));
    input.end();
    await ended;
    assert.deepEqual((await shown(log)).slice(0, -1), lines);
  });

  test('an unfinished line is shown as it grows', async () => {
    const { log, input, ended } = start();
    const seen: (string | null)[] = [];
    await log.follow({ batch: () => {}, partial: (partial) => seen.push(partial?.text ?? null) });
    input.write('a');
    await eventually('a is shown', () => seen.at(-1) === 'a');
    input.write('b');
    await eventually('ab is shown', () => seen.at(-1) === 'ab');
    input.end('\n');
    await ended;
    await eventually('it is gone', () => seen.at(-1) === null);
    assert.deepEqual(seen, ['a', 'ab', null]);
  });
});
