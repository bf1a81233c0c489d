import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import type { Batch } from '../../../server/feed/batch.ts';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { cursorOf } from '../../../server/feed/cursor-of.ts';
import { type Filter, filterOf, type Wanted } from '../../../server/feed/filter/filter.ts';
import { FilteredLog } from '../../../server/feed/filter/filtered-log.ts';
import { isAtLeast, type Level } from '../../../server/feed/filter/level.ts';
import { MatchThread } from '../../../server/feed/filter/match-thread.ts';
import { Sieve } from '../../../server/feed/filter/sieve.ts';
import type { Start } from '../../../server/feed/log.ts';
import { MemoryLog } from '../../../server/feed/memory-log.ts';
import { type Position, samePosition } from '../../../server/feed/position.ts';
import { eventually } from '../../source/eventually.ts';

const { signal } = new AbortController();

function threadOf(context: { after(end: () => Promise<void>): void }): MatchThread {
  const thread = new MatchThread({ onFailure: (error) => assert.fail(error) });
  context.after(() => thread.close());
  return thread;
}

function viewOf(log: MemoryLog, filter: Filter, thread: MatchThread, hiddenMs = 5_000): FilteredLog {
  return new FilteredLog(log, new Sieve(filter, thread), { hiddenMs, onFailure: (error) => assert.fail(String(error)) });
}

interface Line {
  readonly data: string;
  readonly type?: string | undefined;
}

/** What the filter means, line by line, without anything of what is tested but the level of a line. */
function oracle({ patterns = [], level, types = [] }: Wanted, { data, type = 'message' }: Line): boolean {
  const holds = patterns.every(({ text, isNot }) => RE2JS.compile(text).test(data) !== isNot);
  return holds && (level === undefined || isAtLeast(data, level)) && (types.length === 0 || types.includes(type));
}

/** What a reader has been given: lines, how many it was told are hidden, and the id it would come back with. */
class Given {
  readonly lines: string[] = [];
  hidden = 0;
  cursor: Cursor | undefined;
  position: Position | undefined;

  take(batch: Batch): void {
    if (this.position !== undefined) assert.ok(samePosition(this.position, batch.from), 'batches follow one another');
    this.position = batch.to;
    if (batch.kind === 'notice') {
      if (batch.type === 'feed.hidden') this.hidden += Number(batch.data.count);
      this.cursor = batch.cursor ?? this.cursor;
      return;
    }
    for (let index = 0; index < batch.count; index += 1)
      this.lines.push(batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]));
    this.cursor = cursorOf(batch, batch.count - 1);
  }
}

async function read(view: FilteredLog, start: Start): Promise<Given> {
  const located = await view.locate(start, signal);
  const given = new Given();
  given.cursor = located.cursor;
  given.position = located.position;
  const end = located.page === undefined ? {} : { until: located.page.end };
  for await (const batch of view.read(located.position, { signal, reuse: true, ...end })) given.take(batch);
  return given;
}

const words = fc.constantFrom(
  'GET /a',
  'ERROR: broke',
  '[WARN] full',
  'level=debug x',
  'user=12 timeout',
  'caf\u00e9',
  '',
  '{"level":50}',
);
const lineOf = fc.record({
  data: fc.array(words, { maxLength: 3 }).map((parts) => parts.join(' ')),
  type: fc.constantFrom(undefined, undefined, 'deploy', 'metric'),
});
const patternOf = fc.record({
  text: fc.constantFrom('ERROR', 'user=\\d+', '(?i)warn', 'GET|full', '^$', 'timeout$', 'caf.', 'x', 'no such'),
  isNot: fc.boolean(),
});
const wantedOf: fc.Arbitrary<Wanted> = fc.record({
  patterns: fc.array(patternOf, { maxLength: 3 }),
  level: fc.constantFrom<(Level | undefined)[]>(undefined, undefined, 'info', 'warn', 'error'),
  types: fc.constantFrom([], [], ['message'], ['deploy', 'metric']),
});

test('a filter shows what an oracle shows of each line, tells of all others as hidden, and counts the last N of what it shows', async (context) => {
  const thread = threadOf(context);
  const check = fc.asyncProperty(
    fc.array(lineOf, { maxLength: 60 }),
    wantedOf,
    fc.nat(8),
    fc.nat(60),
    async (lines, wanted, last, split) => {
      const log = new MemoryLog();
      const view = viewOf(log, filterOf(wanted), thread);
      const shown = lines.filter((line) => oracle(wanted, line)).map(({ data }) => data);
      for (const { data, type } of lines) log.append(data, type);

      const all = await read(view, { at: 'oldest' });
      assert.deepEqual(all.lines, shown);
      assert.equal(all.hidden, lines.length - shown.length);
      assert.equal(all.cursor, log.head, 'the place is behind all that has been looked at');
      const newest = await read(view, { at: 'last', count: last });
      assert.deepEqual(newest.lines, last === 0 ? [] : shown.slice(-last));
      const cursor = (await log.locate({ at: 'last', count: split })).cursor;
      const resumed = await read(view, { at: 'cursor', cursor });
      const rest = lines.slice(Math.max(0, lines.length - split)).filter((line) => oracle(wanted, line));
      assert.deepEqual(
        resumed.lines,
        rest.map(({ data }) => data),
      );
    },
  );
  await fc.assert(check, { numRuns: 150 });
});

test('pages of what a filter shows, put together, are all that it shows', async (context) => {
  const log = new MemoryLog();
  const shown: string[] = [];
  for (let number = 0; number < 5_000; number += 1) {
    const line = number % 7 === 0 || number > 4_900 ? `seen ${number}` : `other ${number}`;
    if (line.startsWith('seen')) shown.push(line);
    log.append(line);
  }
  const view = viewOf(log, filterOf({ patterns: [{ text: 'se+n', isNot: false }] }), threadOf(context));
  const pages: string[][] = [];
  let before: Cursor | 'head' = 'head';
  for (let isOldest = false; !isOldest; ) {
    const located = await view.locate({ at: 'before', cursor: before, count: 100 }, signal);
    pages.unshift((await read(view, { at: 'before', cursor: before, count: 100 })).lines);
    before = located.cursor;
    isOldest = located.page?.isOldest ?? true;
  }
  assert.deepEqual(pages.flat(), shown);
  assert.ok(pages.slice(1).every((page) => page.length === 100));
});

/** Follows `view` from now on. */
async function follow(context: TestContext, view: FilteredLog): Promise<Given> {
  const given = new Given();
  const following = await view.follow({ batch: (batch) => given.take(batch), partial: () => assert.fail('an unfinished line') });
  context.after(() => following.stop());
  given.position = following.position;
  return given;
}

test('what is hidden while a feed is followed is told at most so often, and brings the place forward', async (context) => {
  const log = new MemoryLog();
  const view = viewOf(log, filterOf({ patterns: [{ text: 'seen', isNot: false }] }), threadOf(context), 50);
  const given = await follow(context, view);
  for (let number = 0; number < 100; number += 1) log.append(`other ${number}`);
  await eventually('it is told', () => given.hidden === 100);
  assert.equal(given.cursor, log.head);
  log.append('seen');
  log.append('other');
  await eventually('the line comes', () => given.lines.length === 1);
  view.flush();
  assert.equal(given.hidden, 101, 'before a close, it is told at once');
  assert.equal(given.cursor, log.head);
});

test('what comes faster than patterns are tried is read from the log: none is lost, none doubled, in order', async (context) => {
  const log = new MemoryLog({ maxBytes: 64 * 1024 * 1024, maxEvents: 1_000_000 });
  const view = viewOf(log, filterOf({ patterns: [{ text: '[02468]$', isNot: false }] }), threadOf(context), 50);
  const given = await follow(context, view);
  const expected: string[] = [];
  let number = 0;
  for (let burst = 0; burst < 20; burst += 1) {
    for (let line = 0; line < 1_000; line += 1) {
      number += 1;
      const text = `${'x'.repeat(200)} ${number}`;
      if (number % 2 === 0) expected.push(text);
      log.append(text);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually('all have come', () => given.lines.length >= expected.length, 30_000);
  assert.deepEqual(given.lines, expected);
  await eventually('the rest is told as hidden', () => given.hidden === number - expected.length);
});

test('the pieces of a line that is too long for one event are shown or hidden with its first', async (context) => {
  const log = new MemoryLog();
  const long = 'y'.repeat(300 * 1024);
  const thread = threadOf(context);
  const view = viewOf(log, filterOf({ patterns: [{ text: '^s.en', isNot: false }] }), thread);
  log.append(`seen ${long}`);
  log.append(`other ${long}`);
  log.append('seen again');
  const given = await read(view, { at: 'oldest' });
  assert.deepEqual(
    given.lines.map((line) => line.length),
    [256 * 1024, 5 + long.length - 256 * 1024, 'seen again'.length],
  );
  // One who has the first piece comes back and gets the second.
  const { cursor } = await log.locate({ at: 'last', count: 4 });
  assert.equal((await read(view, { at: 'cursor', cursor })).lines[0]?.length, 5 + long.length - 256 * 1024);
});

test('only the first 16 KiB of a line are looked at', async (context) => {
  const log = new MemoryLog();
  const thread = threadOf(context);
  log.append(`${'z'.repeat(16 * 1024 - 6)}needle`);
  log.append(`${'z'.repeat(16 * 1024 - 5)}needle`);
  log.append(`${'\u00e9'.repeat(20 * 1024)}needle`);
  for (const text of ['needle', 'n[e]edle'])
    assert.equal(
      (await read(viewOf(log, filterOf({ patterns: [{ text, isNot: false }] }), thread), { at: 'oldest' })).lines.length,
      1,
      text,
    );
});
