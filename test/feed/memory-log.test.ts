import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Batch, PartialLine } from '../../server/feed/batch.ts';
import type { Cursor } from '../../server/feed/cursor.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { followInto, locate, readFrom, readStart, Transcript } from '../conformance/log-reading.ts';

const MAX_EVENT_BYTES = 256 * 1024;

function filled(count: number, options: { maxEvents?: number; maxBytes?: number } = {}): { log: MemoryLog; cursors: Cursor[] } {
  const log = new MemoryLog(options);
  const cursors = Array.from({ length: count }, (_, index) => log.append(`${index}`));
  return { log, cursors };
}

const range = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => `${from + index}`);

/** Stops the time of day, so that each event has a known one. */
function clockAt(context: TestContext, ms: number): { tick(ms: number): void } {
  let nowMs = ms;
  context.mock.method(Date, 'now', () => nowMs);
  return {
    tick: (passedMs) => {
      nowMs += passedMs;
    },
  };
}

function gapOf(batch: Batch | undefined): Record<string, unknown> {
  assert.ok(batch?.kind === 'notice');
  assert.equal(batch.type, 'feed.gap');
  return batch.data;
}

describe('the bounds of a memory log', () => {
  test('the oldest events go when there are more than maxEvents', async () => {
    const { log } = filled(5000, { maxEvents: 100 });
    assert.deepEqual((await readStart(log, { at: 'oldest' })).data, range(4900, 5000));
    assert.equal(log.stats.eventsAppended, 5000);
  });

  test('the oldest events go when there are more than maxBytes of data', async () => {
    const log = new MemoryLog({ maxBytes: 1000 });
    for (let index = 0; index < 100; index += 1) log.append('x'.repeat(100));
    assert.equal((await readStart(log, { at: 'oldest' })).events.length, 10);
    assert.deepEqual([log.stats.bytes, log.stats.bytesAppended], [1000, 10_000]);
  });

  test('the newest event is kept even where it alone is over the bound', async () => {
    const log = new MemoryLog({ maxBytes: 10 });
    log.append('small');
    log.append('x'.repeat(100));
    assert.deepEqual((await readStart(log, { at: 'oldest' })).data, ['x'.repeat(100)]);
  });

  test('a million events later no more than the bound is there, and it is the newest', async () => {
    const log = new MemoryLog({ maxBytes: 700 });
    for (let index = 0; index < 1_000_000; index += 1) log.append(`${index}`.padStart(7, '0'));
    const { data } = await readStart(log, { at: 'oldest' });
    assert.deepEqual([data.length, data[0], data[99]], [100, '0999900', '0999999']);
  });
});

describe('the cursors of a memory log', () => {
  test('a cursor whose next event has been dropped is a gap that counts the lost events', async () => {
    const { log, cursors } = filled(150, { maxEvents: 100 });
    const located = await locate(log, { at: 'cursor', cursor: cursors[19] as Cursor });
    assert.deepEqual(located.gap, { reason: 'expired', bytes: null, events: 30 });
    assert.deepEqual((await readFrom(log, located.position)).data, range(50, 150));
  });

  test('the cursor just before the oldest event is no gap', async () => {
    const { log, cursors } = filled(150, { maxEvents: 100 });
    const located = await locate(log, { at: 'cursor', cursor: cursors[49] as Cursor });
    assert.equal(located.gap, undefined);
    assert.deepEqual((await readFrom(log, located.position)).data, range(50, 150));
  });

  test('a cursor of another epoch is a gap: the log was restarted', async () => {
    const { cursors } = filled(10);
    const { log } = filled(10);
    const located = await locate(log, { at: 'cursor', cursor: cursors[4] as Cursor });
    assert.deepEqual([located.by, located.gap], ['gap', { reason: 'restarted', bytes: null, events: null }]);
    assert.deepEqual((await readFrom(log, located.position)).data, range(0, 10));
  });

  test('a cursor of our epoch from the future is a gap, not a wait', async () => {
    const { log } = filled(10);
    const cursor = `${log.head.slice(0, 9)}zz` as Cursor;
    assert.deepEqual((await locate(log, { at: 'cursor', cursor })).gap, { reason: 'unknown', bytes: null, events: null });
  });

  test('each place has one cursor: other ways to write its number are a gap', async () => {
    const { log, cursors } = filled(20);
    const cursor = cursors[14] as Cursor;
    for (const text of [
      `${cursor.slice(0, 9)}0${cursor.slice(9)}`,
      cursor.toUpperCase(),
      cursor.slice(0, 9),
      `${cursor}.`,
      `${cursor}-`,
    ]) {
      assert.ok((await locate(log, { at: 'cursor', cursor: text as Cursor })).gap !== undefined, text);
    }
  });

  test('a cursor of any epoch and any number is either exact or a gap', async () => {
    const { log } = filled(30, { maxEvents: 10 });
    await fc.assert(
      fc.asyncProperty(fc.nat(100), async (sequence) => {
        const cursor = `${log.head.slice(0, 9)}${sequence.toString(36)}` as Cursor;
        const located = await locate(log, { at: 'cursor', cursor });
        assert.equal(located.gap === undefined, sequence >= 20 && sequence <= 30);
        assert.equal(located.position.offset, located.gap === undefined ? sequence : 20);
      }),
    );
  });
});

describe('times in a memory log', () => {
  test('a start in time begins with the first event that is not older', async (context) => {
    const clock = clockAt(context, 1_000_000);
    const log = new MemoryLog();
    for (let index = 0; index < 10; index += 1) {
      log.append(`${index}`);
      clock.tick(1000);
    }
    assert.deepEqual((await readStart(log, { at: 'time', ms: 1_004_500 })).data, range(5, 10));
    assert.deepEqual((await readStart(log, { at: 'time', ms: 1_005_000 })).data, range(5, 10));
    assert.deepEqual((await readStart(log, { at: 'time', ms: 0 })).data, range(0, 10));
    assert.deepEqual((await readStart(log, { at: 'time', ms: 2_000_000 })).data, []);
    const { events } = await readStart(log, { at: 'oldest' });
    assert.equal(events[3]?.time, 1_003_000);
  });

  test('a start in a time whose events were dropped is a gap', async (context) => {
    const clock = clockAt(context, 1_000_000);
    const log = new MemoryLog({ maxEvents: 5 });
    for (let index = 0; index < 10; index += 1) {
      log.append(`${index}`);
      clock.tick(1000);
    }
    const early = await locate(log, { at: 'time', ms: 1_003_000 });
    assert.deepEqual([early.by, early.gap?.reason, early.gap?.events], ['gap', 'expired', null]);
    const late = await locate(log, { at: 'time', ms: 1_004_001 });
    assert.deepEqual([late.by, late.gap], ['time', undefined]);
  });
});

describe('what may be appended to a memory log', () => {
  test('types that would break a frame, are reserved, empty or endless are refused', () => {
    const log = new MemoryLog();
    for (const type of ['a\nb', 'a\rb', 'a\0b', 'feed.gap', 'feed.', '', 'x'.repeat(101), '\ud800']) {
      assert.throws(() => log.append('x', type), TypeError, JSON.stringify(type));
    }
    assert.equal(log.stats.eventsAppended, 0);
  });

  test('types come back; "message" is what an event without a type is', async () => {
    const log = new MemoryLog();
    for (const type of ['exit', 'message', undefined, 'feeds', 'é: x']) log.append('x', type);
    const { events } = await readStart(log, { at: 'oldest' });
    assert.deepEqual(
      events.map((event) => event.type),
      ['exit', undefined, undefined, 'feeds', 'é: x'],
    );
  });

  test('any text and any bytes come back as UTF-8, what is invalid as U+FFFD', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.uint8Array())), async (values) => {
        const log = new MemoryLog();
        for (const value of values) log.append(typeof value === 'string' ? value : Buffer.from(value));
        const expected = values.map((value) => Buffer.from(value as string).toString('utf8'));
        assert.deepEqual((await readStart(log, { at: 'oldest' })).data, expected);
      }),
    );
  });

  test('a buffer that its owner uses again does not change what was appended', async () => {
    const log = new MemoryLog();
    const buffer = Buffer.from('first');
    log.append(buffer);
    buffer.write('other');
    assert.deepEqual((await readStart(log, { at: 'oldest' })).data, ['first']);
  });

  test('data over 256 KiB becomes pieces, cut between characters and marked', async () => {
    const log = new MemoryLog();
    const data = `x${'木'.repeat(200_000)}`;
    log.append(data, 'long');
    log.append('a piece', 'long', true);
    const { events } = await readStart(log, { at: 'oldest' });
    assert.deepEqual(
      events.map((event) => event.cut),
      [true, true, false, true],
    );
    assert.ok(events.every((event) => Buffer.byteLength(event.data) <= MAX_EVENT_BYTES && !event.data.includes('\ufffd')));
    assert.equal(
      events
        .slice(0, 3)
        .map((event) => event.data)
        .join(''),
      data,
    );
  });
});

describe('a reader that the ring overtakes', () => {
  test('is told between two batches what it lost, and goes on at the oldest event there is', async () => {
    const log = new MemoryLog({ maxEvents: 6 });
    for (let index = 0; index < 6; index += 1) log.append(`${index}`.repeat(200_000));
    const transcript = new Transcript((await locate(log, { at: 'oldest' })).position);
    const reading = log.read(transcript.position, { signal: new AbortController().signal });
    const first = await reading.next();
    assert.ok(!first.done);
    transcript.add(first.value);
    for (let index = 0; index < 8; index += 1) log.append(`new ${index}`);
    for await (const batch of reading) transcript.add(batch);
    assert.deepEqual(gapOf(transcript.batches[1]), { reason: 'expired', bytes: 5 * 200_000 + 2 * 5, events: 7 });
    assert.deepEqual(transcript.data.slice(1), ['new 2', 'new 3', 'new 4', 'new 5', 'new 6', 'new 7']);
    const gap = transcript.batches[1];
    assert.ok(gap?.kind === 'notice' && gap.cursor !== undefined);
    assert.deepEqual((await locate(log, { at: 'cursor', cursor: gap.cursor })).position, gap.to);
  });

  test('is told of a gap that ends where it was to stop, so that its following joins there', async () => {
    const { log } = filled(100, { maxEvents: 10 });
    const transcript = await readFrom(log, { generation: 0, offset: 5 }, { generation: 0, offset: 40 });
    assert.deepEqual(gapOf(transcript.batches[0]), { reason: 'expired', bytes: null, events: 35 });
    assert.deepEqual(transcript.position, { generation: 0, offset: 40 });
  });
});

describe('those who follow a memory log', () => {
  test('get what one turn of the loop appends as one batch, the same object for all', async () => {
    const log = new MemoryLog();
    const seen: Batch[][] = [[], []];
    for (const batches of seen) await log.follow({ batch: (batch) => batches.push(batch), partial: () => {} });
    for (let index = 0; index < 100; index += 1) log.append(`${index}`);
    await nextTurn();
    assert.deepEqual([seen[0]?.length, seen[1]?.length], [1, 1]);
    assert.equal(seen[0]?.[0], seen[1]?.[0]);
  });

  test('in the middle of a turn begin exactly there, and those before miss nothing', async () => {
    const log = new MemoryLog();
    const early = await followInto(log);
    log.append('0');
    const followed = followInto(log);
    log.append('1');
    const late = await followed;
    log.append('2');
    await nextTurn();
    assert.deepEqual(early.transcript().data, ['0', '1', '2']);
    assert.deepEqual(late.transcript().data, ['1', '2']);
  });

  test('lose nothing in a burst that is larger than the ring', async () => {
    const log = new MemoryLog({ maxEvents: 10 });
    const { transcript } = await followInto(log);
    for (let index = 0; index < 5000; index += 1) log.append(`${index}`);
    await nextTurn();
    assert.deepEqual(transcript().data, range(0, 5000));
  });

  test('never stand still while a turn appends megabytes: full batches are handed over at once', async () => {
    const log = new MemoryLog();
    const { transcript } = await followInto(log);
    for (let index = 0; index < 30; index += 1) log.append('x'.repeat(100_000));
    assert.ok(transcript().events.length >= 25);
    await nextTurn();
    assert.equal(transcript().events.length, 30);
  });

  test('may append, follow and stop while they are told, and all stay contiguous', async () => {
    const log = new MemoryLog();
    const inner: Promise<Awaited<ReturnType<typeof followInto>>>[] = [];
    const outer = await log.follow({
      batch: (batch) => {
        if (log.stats.eventsAppended === 1) {
          log.append('echo');
          inner.push(followInto(log));
          outer.stop();
        }
        assert.equal(batch.kind, 'events');
      },
      partial: () => {},
    });
    const witness = await followInto(log);
    log.append('first');
    await nextTurn();
    await nextTurn();
    assert.deepEqual(witness.transcript().data, ['first', 'echo']);
    assert.deepEqual((await inner[0])?.transcript().data, ['echo']);
  });

  test('a follower that echoes for ever does not hold the loop', async () => {
    const log = new MemoryLog();
    let echoes = 0;
    const following = await log.follow({
      batch: () => {
        echoes += 1;
        log.append('echo');
      },
      partial: () => {},
    });
    log.append('first');
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    following.stop();
    assert.ok(echoes >= 5 && echoes <= 30, `${echoes} echoes in 20 turns`);
  });

  test('see the unfinished line after the events before it, and only when it changes', async () => {
    const log = new MemoryLog();
    const seen: string[] = [];
    const note = (partial: PartialLine | null): number => seen.push(`partial ${partial?.text ?? 'none'}`);
    log.setPartial('ab');
    const following = await log.follow({ batch: (batch) => seen.push(batch.kind), partial: note });
    assert.deepEqual(following.partial, { text: 'ab' });
    log.append('abc');
    log.setPartial('d');
    await nextTurn();
    log.append('de');
    log.setPartial('f');
    log.setPartial(null);
    await nextTurn();
    assert.deepEqual(seen, ['events', 'partial d', 'events', 'partial none']);
  });
});
