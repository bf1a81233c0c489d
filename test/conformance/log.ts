import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Cursor, parseCursor } from '../../server/feed/cursor.ts';
import type { Log } from '../../server/feed/log.ts';
import { comparePositions } from '../../server/feed/position.ts';
import { eventually } from '../source/eventually.ts';
import { assertSamePlace, followInto, locate, pagesBack, readFrom, readStart } from './log-reading.ts';

export interface LogHarness {
  readonly log: Log;
  /** Resolves once the lines can be read: as events, one each, in order. */
  append(lines: string[]): Promise<void>;
  dispose(): Promise<void>;
}

export interface LogTraits {
  /** Data with breaks of lines that the log keeps within one event. */
  readonly breaks?: readonly string[];
}

const numbered = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `line ${from + index}`);

/** What every log does, whatever it is made of. `makeLog` makes an empty one. */
export function describeLog(name: string, makeLog: () => Promise<LogHarness>, traits: LogTraits = {}): void {
  const promise = (title: string, body: (harness: LogHarness) => Promise<void>): void => {
    test(title, async () => {
      const harness = await makeLog();
      try {
        await body(harness);
      } finally {
        await harness.dispose();
      }
    });
  };

  describe(`${name} is a log`, () => {
    promise('an empty log has one place, which is its head and its oldest, and nothing to read', async ({ log }) => {
      const head = await locate(log, { at: 'head' });
      for (const start of [{ at: 'oldest' }, { at: 'last', count: 5 }, { at: 'cursor', cursor: head.cursor }] as const) {
        const located = await locate(log, start);
        assert.deepEqual([located.position, located.gap], [head.position, undefined]);
      }
      assert.deepEqual((await readFrom(log, head.position)).data, []);
    });

    promise(
      'an empty log of which a reader keeps the cursor gives that reader everything that comes',
      async ({ log, append }) => {
        const { cursor } = await locate(log, { at: 'head' });
        await append(numbered(3));
        const back = await locate(log, { at: 'cursor', cursor });
        const { data } = await readFrom(log, back.position);
        assert.deepEqual(data, numbered(3));
      },
    );

    promise('the cursor of every event leads to exactly the events after it', async ({ log, append }) => {
      for (let at = 0; at < 40; at += 8) await append(numbered(8, at));
      const { events } = await readStart(log, { at: 'oldest' });
      for (const [index, { cursor }] of events.entries()) {
        const located = await locate(log, { at: 'cursor', cursor });
        assert.deepEqual([located.by, located.gap], ['resumed', undefined]);
        await assertSamePlace(log, located.cursor, located.position);
        assert.deepEqual((await readFrom(log, located.position)).data, numbered(39 - index, index + 1));
      }
    });

    promise('a cursor still leads to its place when much more has come', async ({ log, append }) => {
      await append(numbered(3));
      const { events } = await readStart(log, { at: 'oldest' });
      await append(numbered(500, 3));
      const back = await locate(log, { at: 'cursor', cursor: events[1]?.cursor as Cursor });
      assert.equal(back.gap, undefined);
      assert.deepEqual((await readFrom(log, back.position)).data, numbered(501, 2));
    });

    promise('each start tells how it was found and leads to its place', async ({ log, append }) => {
      await append(numbered(10));
      const head = await locate(log, { at: 'head' });
      assert.equal(head.by, 'head');
      assert.deepEqual((await readFrom(log, head.position)).data, []);
      const oldest = await locate(log, { at: 'oldest' });
      assert.equal(oldest.by, 'oldest');
      assert.deepEqual((await readFrom(log, oldest.position)).data, numbered(10));
      assert.ok(comparePositions(oldest.position, head.position) < 0);
      for (const { position, cursor } of [head, oldest]) await assertSamePlace(log, cursor, position);
    });

    promise('the last N are the newest N, or all where there are fewer', async ({ log, append }) => {
      await append(numbered(30));
      for (const count of [0, 1, 7, 29, 30, 31, 100_000]) {
        const located = await locate(log, { at: 'last', count });
        assert.deepEqual([located.by, located.gap], ['last', undefined]);
        const expected = Math.min(count, 30);
        assert.deepEqual((await readFrom(log, located.position)).data, numbered(expected, 30 - expected));
      }
    });

    promise('pages backwards from the head, put together, are everything, each event once', async ({ log, append }) => {
      await append(numbered(31));
      for (const count of [1, 2, 7, 30, 31, 32, 10_000]) {
        const pages = await pagesBack(log, count);
        assert.deepEqual(pages.flat(), numbered(31));
        assert.deepEqual(
          pages.slice(1).map(({ length }) => length),
          pages.slice(1).map(() => count),
          'all but the oldest are full',
        );
      }
    });

    promise('the page before any event holds the events before it, and says whether there are more', async ({ log, append }) => {
      await append(numbered(20));
      const { events } = await readStart(log, { at: 'oldest' });
      for (const [index, { cursor }] of events.entries()) {
        const located = await locate(log, { at: 'before', cursor, count: 5 });
        const first = Math.max(0, index - 4);
        assert.deepEqual([located.by, located.gap], ['before', undefined]);
        assert.equal(located.page?.isOldest, first === 0);
        assert.deepEqual((await readFrom(log, located.position, located.page?.end)).data, numbered(index + 1 - first, first));
      }
    });

    promise('a page before nothing, and the one before a place that is gone, are empty', async ({ log, append }) => {
      assert.deepEqual(await pagesBack(log, 5), [[]]);
      await append(numbered(10));
      const oldest = await locate(log, { at: 'oldest' });
      const before = await locate(log, { at: 'before', cursor: oldest.cursor, count: 5 });
      assert.deepEqual([before.page?.isOldest, before.gap], [true, undefined]);
      assert.deepEqual(before.page?.end, before.position);
      const gone = await locate(log, { at: 'before', cursor: 'z'.repeat(34) as Cursor, count: 5 });
      assert.deepEqual([gone.by, gone.gap?.events], ['gap', null]);
      assert.deepEqual(gone.page?.end, gone.position);
    });

    promise('every byte leads to the first event that begins there or later, and pages tell theirs', async ({ log, append }) => {
      assert.deepEqual((await locate(log, { at: 'byte', byte: 0 })).extent, { from: 0, of: 0 });
      await append(numbered(20));
      const head = await locate(log, { at: 'byte', byte: Number.MAX_SAFE_INTEGER });
      const of = head.extent?.of ?? 0;
      assert.deepEqual([head.extent?.from, (await readFrom(log, head.position)).data], [of, []]);
      let begun = 0;
      for (let byte = 0; byte <= of; byte += 1) {
        const { position, extent, by } = await locate(log, { at: 'byte', byte });
        const left = (await readFrom(log, position)).data;
        assert.deepEqual(left, numbered(left.length, 20 - left.length));
        assert.deepEqual([by, extent?.of], ['byte', of]);
        assert.ok(extent !== undefined && extent.from >= byte && extent.from >= begun);
        begun = extent.from;
        assert.deepEqual((await locate(log, { at: 'byte', byte: begun })).position, position, 'the byte that it begins at');
      }
      const newest = await locate(log, { at: 'before', cursor: 'head', count: 7 });
      const older = await locate(log, { at: 'before', cursor: newest.cursor, count: 7 });
      assert.deepEqual([older.extent?.until, newest.extent?.until], [newest.extent?.from, of]);
      assert.deepEqual((await locate(log, { at: 'byte', byte: newest.extent?.from ?? -1 })).position, newest.position);
    });

    promise(
      'a reader that stops anywhere and goes on from its cursor reads what one that did not stop reads',
      async (harness) => {
        const { log, append } = harness;
        await append(numbered(20));
        const { position } = await locate(log, { at: 'oldest' });
        const whole = await readFrom(log, position);
        for (const { cursor } of whole.events) {
          const middle = await locate(log, { at: 'cursor', cursor });
          const first = await readFrom(log, position, middle.position);
          const second = await readFrom(log, middle.position);
          assert.deepEqual([...first.data, ...second.data], whole.data);
        }
      },
    );

    promise('reading ends at the head, and what comes later is read from there', async ({ log, append }) => {
      await append(numbered(5));
      const first = await readStart(log, { at: 'oldest' });
      await append(numbered(5, 5));
      assert.deepEqual(first.data, numbered(5));
      assert.deepEqual((await readFrom(log, first.position)).data, numbered(5, 5));
    });

    promise('a follower gets what comes from its place on, contiguous, until it stops', async ({ log, append }) => {
      await append(numbered(5));
      const { following, transcript } = await followInto(log);
      await assertSamePlace(log, following.cursor, following.position);
      for (let at = 5; at < 25; at += 4) await append(numbered(4, at));
      await eventually('the follower has 20 events', () => transcript().events.length >= 20);
      following.stop();
      await append(numbered(3, 25));
      await nextTurn();
      assert.deepEqual(transcript().data, numbered(20, 5));
    });

    promise('a cursor that a follower got leads to the same place as one that was read', async ({ log, append }) => {
      const { following, transcript } = await followInto(log);
      await append(numbered(6));
      await eventually('the follower has 6 events', () => transcript().events.length === 6);
      following.stop();
      for (const [index, { cursor }] of transcript().events.entries()) {
        const located = await locate(log, { at: 'cursor', cursor });
        assert.equal(located.gap, undefined);
        assert.deepEqual((await readFrom(log, located.position)).data, numbered(5 - index, index + 1));
      }
    });

    promise('from reading to following nothing is lost or doubled, whenever it happens', async ({ log, append }) => {
      const { position } = await locate(log, { at: 'oldest' });
      const readers: Promise<Reader>[] = [];
      let written = 0;
      for (let round = 0; round < 60; round += 1) {
        const count = 1 + ((round * 7) % 5);
        const appended = append(numbered(count, written));
        readers.push(readThenFollow(log, position));
        await appended;
        written += count;
        if (round % 3 === 0) readers.push(readThenFollow(log, position));
      }
      const expected = numbered(written);
      for (const reader of await Promise.all(readers)) {
        await eventually('the reader has everything', () => reader.data().length >= written);
        reader.stop();
        assert.deepEqual(reader.data(), expected);
      }
    });

    promise('a reading that is aborted ends', async ({ log, append }) => {
      const lines = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(200_000));
      await append(lines);
      const { position } = await locate(log, { at: 'oldest' });
      assert.equal(await readAborting(log, 0), 0);
      assert.ok((await readAborting(log, 1)) < lines.length);
      assert.deepEqual((await readFrom(log, position)).data, lines);
    });

    promise('garbage and cursors of other logs are a gap, never a place', async ({ log, append }) => {
      await append(numbered(10));
      const garbage = [
        'x',
        '0',
        'm',
        '~',
        'm--------0',
        '....',
        'A'.repeat(40),
        'm0123456789',
        'f0.0.0.0',
        '_-.~',
        'z'.repeat(39),
      ];
      const other = await makeLog();
      await other.append(['something', 'quite', 'different']);
      for (const { cursor } of (await readStart(other.log, { at: 'oldest' })).events) garbage.push(cursor);
      await other.dispose();
      for (const text of garbage) await assertGap(log, text, numbered(10));
    });

    promise('data comes back as it was: empty, spaces, markup, colours, any script, up to 200 KB', async ({ log, append }) => {
      const lines = [
        '',
        '',
        ' ',
        '  two',
        ':',
        'data: x',
        '\t',
        '<script>',
        '\u001b[31mred',
        'żółw 木 👩‍👩‍👧',
        'x'.repeat(200_000),
        '',
      ];
      await append(lines);
      const { data } = await readStart(log, { at: 'oldest' });
      assert.deepEqual(data, lines);
    });

    promise('breaks within data stay within their event', async ({ log, append }) => {
      const lines = ['before', ...(traits.breaks ?? []), 'after'];
      await append(lines);
      assert.deepEqual((await readStart(log, { at: 'oldest' })).data, lines);
    });

    promise('plain events have no type, are no pieces, and have a time that is null or about now', async ({ log, append }) => {
      const { following, transcript } = await followInto(log);
      await append(numbered(3));
      await eventually('the follower has 3 events', () => transcript().events.length === 3);
      following.stop();
      for (const { type, cut, time } of [...transcript().events, ...(await readStart(log, { at: 'oldest' })).events]) {
        assert.deepEqual([type, cut], [undefined, false]);
        if (time !== null) assert.ok(Math.abs(Date.now() - time) < 60_000);
      }
    });

    promise('the figures grow with what is appended', async ({ log, append }) => {
      const { following } = await followInto(log);
      const before = { ...figures(log) };
      await append(numbered(10));
      await eventually('ten more events are counted', () => figures(log).events - before.events === 10);
      assert.ok(figures(log).bytes >= before.bytes + numbered(10).join('').length);
      assert.ok(Math.abs(Date.now() - (log.stats.lastEventAt ?? 0)) < 60_000);
      following.stop();
    });

    promise('a follower that stops twice, or after the log is closed, does no harm', async ({ log, append }) => {
      const { following } = await followInto(log);
      following.stop();
      following.stop();
      const second = await followInto(log);
      await append(['x']);
      await log.close();
      second.following.stop();
    });
  });
}

interface Reader {
  data(): string[];
  stop(): void;
}

/** The hand-over as delivery does it: follow first, then read up to the place from which the following goes on. */
async function readThenFollow(log: Log, from: Parameters<Log['read']>[0]): Promise<Reader> {
  const { following, transcript } = await followInto(log);
  const read = await readFrom(log, from, following.position);
  return { data: () => [...read.data, ...transcript().data], stop: following.stop };
}

/** Aborts after `count` batches; answers how many events came. The reading may end or reject with an AbortError. */
async function readAborting(log: Log, count: number): Promise<number> {
  const controller = new AbortController();
  const { position } = await locate(log, { at: 'oldest' });
  let batches = 0;
  let events = 0;
  if (count === 0) controller.abort();
  try {
    for await (const batch of log.read(position, { signal: controller.signal })) {
      if (batch.kind === 'events') events += batch.count;
      batches += 1;
      if (batches === count) controller.abort();
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
  }
  return events;
}

async function assertGap(log: Log, text: string, all: string[]): Promise<void> {
  const cursor = parseCursor(text);
  assert.ok(cursor !== undefined, `${text} has the form of a cursor`);
  const located = await locate(log, { at: 'cursor', cursor });
  assert.ok(located.gap !== undefined, `${text} is a gap`);
  assert.equal(located.by, 'gap');
  assert.deepEqual((await readFrom(log, located.position)).data, all, 'delivery goes on with the oldest there is');
}

function figures(log: Log): { bytes: number; events: number } {
  return { bytes: log.stats.bytes, events: log.stats.eventsAppended ?? 0 };
}
