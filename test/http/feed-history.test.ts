import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ArchiveCache } from '../../server/feed/file/archive-cache.ts';
import { FileLog } from '../../server/feed/file/file-log.ts';
import { feedServer, messagesOf, type SseEvent, sseEvents } from '../delivery/feed-server.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 23, 12);

/** Lines a minute apart. */
const timed = (from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, index) => `${new Date(START_MS + (from + index) * MINUTE_MS).toISOString()} line ${from + index}`,
  );
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const timeAt = (line: number) => new Date(START_MS + line * MINUTE_MS).toISOString();

interface Answer {
  readonly lines: readonly string[];
  readonly open: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly gaps: readonly SseEvent[];
}

/** A file with these lines as a feed of a real server. */
async function served(context: TestContext, lines: readonly string[], archiveCacheBytes = 2 ** 24) {
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
  const path = join(folder, 'a.log');
  writeFileSync(path, text(lines));
  const server = await feedServer(context);
  const archives = new ArchiveCache(archiveCacheBytes, { folder });
  context.after(async () => {
    await archives.close();
    rmSync(folder, { recursive: true });
  });
  const { log } = server.add('a.log', new FileLog({ path, partialTimeoutMs: 1_000, archives }));
  const fetchText = async (query: string, format = 'sse') => {
    const response = await fetch(`${server.url}/feeds/a.log?format=${format}&${query}`);
    assert.equal(response.status, 200, query);
    return response.text();
  };
  const get = async (query: string): Promise<Answer> => {
    const body = await fetchText(query);
    const [open, ...rest] = sseEvents(body);
    assert.equal(open?.type, 'feed.open');
    const gaps = rest.filter(({ type }) => type === 'feed.gap');
    return { lines: messagesOf(body), open: JSON.parse(open?.data ?? ''), id: open?.id ?? '', gaps };
  };
  return { path, log, server, get, fetchText };
}

test('since and until give the lines of that time, and feed.open says that it went by their times', async (context) => {
  const { get, fetchText } = await served(context, timed(0, 100));
  const { lines, open } = await get(`since=${timeAt(20)}&until=${timeAt(30)}`);
  assert.deepEqual(lines, timed(20, 30));
  assert.equal(open.start, 'time');
  assert.equal(await fetchText(`until=${timeAt(2)}`, 'text'), text(timed(0, 2)));
  assert.deepEqual((await get(`since=${timeAt(98)}&follow=false`)).lines, timed(98, 100));
  assert.deepEqual((await get(`since=${timeAt(1_000)}&follow=false`)).lines, []);
});

test('a duration is back from now', async (context) => {
  const now = Date.now();
  const ago = (minutes: number) => `${new Date(now - minutes * MINUTE_MS).toISOString()} ${minutes} minutes ago`;
  const { get } = await served(context, [60, 50, 40, 30, 20, 10, 1].map(ago));
  assert.deepEqual((await get('since=45m&follow=false')).lines, [40, 30, 20, 10, 1].map(ago));
  assert.deepEqual((await get('since=45m&until=15m')).lines, [40, 30, 20].map(ago));
});

test('ranges of time that follow one another give each line once', async (context) => {
  const { get } = await served(context, timed(0, 50));
  const times = [0, 7, 7.5, 20, 49, 60].map(timeAt);
  const ranges = times.slice(1).map((until, index) => get(`since=${times[index]}&until=${until}`));
  assert.deepEqual(
    (await Promise.all(ranges)).flatMap(({ lines }) => lines),
    timed(0, 50),
  );
});

test('where lines tell no time, that of the file counts, and feed.open says so', async (context) => {
  const { get } = await served(context, ['one', 'two']);
  const { lines, open } = await get('since=15m&follow=false');
  assert.deepEqual([lines, open.start], [['one', 'two'], 'file-time']);
  const later = await get(`since=${new Date(Date.now() + MINUTE_MS).toISOString()}&follow=false`);
  assert.deepEqual([later.lines, later.open.start], [[], 'file-time']);
});

test('two cursors give exactly what lies between them, and not the unfinished line behind', async (context) => {
  const { get, path } = await served(context, timed(0, 30));
  appendFileSync(path, 'unfinished');
  const [first, last] = [(await get('last=20&follow=false')).id, (await get('last=5&follow=false')).id];
  assert.deepEqual((await get(`since=${first}&until=${last}`)).lines, timed(10, 25));
  assert.deepEqual((await get(`since=${last}&until=${first}`)).lines, []);
  assert.deepEqual((await get(`lastEventId=${first}&until=${last}`)).lines, timed(10, 25));
});

test('an until whose place is gone is a gap, and nothing of the range is given', async (context) => {
  const { get } = await served(context, timed(0, 30));
  const { lines, gaps } = await get('since=start&until=mNowhere0000');
  assert.deepEqual(lines, []);
  const { reason, of } = JSON.parse(gaps[0]?.data ?? '');
  assert.deepEqual([gaps.length, reason, of], [1, 'unknown', 'until']);
});

test('a client pages backwards by the id of feed.open until that says that nothing is before', async (context) => {
  const { get, path, fetchText } = await served(context, timed(60, 90));
  writeFileSync(`${path}.2`, text(timed(0, 30)));
  execFileSync('gzip', [`${path}.2`]);
  writeFileSync(`${path}.1`, text(timed(30, 60)));
  const pages: (readonly string[])[] = [];
  for (let before = 'head'; ; ) {
    const { lines, open, id, gaps } = await get(`before=${before}&limit=40`);
    assert.deepEqual([open.start, gaps], ['before', []]);
    pages.unshift(lines);
    if (open.atOldest === true) break;
    assert.equal(open.atOldest, false);
    before = id;
  }
  assert.deepEqual(pages.flat(), timed(0, 90));
  assert.deepEqual(
    pages.map(({ length }) => length),
    [10, 40, 40],
  );
  assert.equal(await fetchText('before=head&limit=2', 'text'), text(timed(88, 90)));
  const page = (await fetchText('before=head&limit=2', 'ndjson'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    page.map(({ type }) => type),
    ['feed.open', 'message', 'message'],
  );
  assert.deepEqual((await get(`before=${page[0].id}&limit=2`)).lines, timed(86, 88));
});

test('an EventSource that was cut in the middle of a page and comes back gets the rest of it', async (context) => {
  const { get, server } = await served(context, timed(0, 30));
  const [end, middle] = [(await get('last=5&follow=false')).id, (await get('last=12&follow=false')).id];
  const response = await fetch(`${server.url}/feeds/a.log?before=${end}&limit=20`, {
    headers: { Accept: 'text/event-stream', 'Last-Event-ID': middle },
  });
  assert.deepEqual(messagesOf(await response.text()), timed(18, 25));
});

test('feed.open says that reading is linear where an archive is larger than the cache', async (context) => {
  for (const [room, reading] of [
    [1_000, 'linear'],
    [2 ** 20, undefined],
  ] as const) {
    const { get, path } = await served(context, timed(1_000, 1_010), room);
    writeFileSync(`${path}.1`, text(timed(0, 1_000)));
    execFileSync('gzip', [`${path}.1`]);
    for (const query of [
      'since=start&follow=false',
      'before=head&limit=500',
      `since=${timeAt(990)}&follow=false`,
      'last=200&follow=false',
    ])
      assert.equal((await get(query)).open.reading, reading, query);
    assert.deepEqual((await get('before=head&limit=500')).lines, timed(510, 1_010));
    assert.deepEqual((await get(`since=${timeAt(990)}&until=${timeAt(1_005)}`)).lines, timed(990, 1_005));
    assert.deepEqual((await get('last=200&follow=false')).lines, timed(810, 1_010));
    assert.equal((await get('last=5&follow=false')).open.reading, undefined, 'not where it is not needed');
    renameSync(path, `${path}.gone`);
  }
});

test('limit ends an answer after so many events, from wherever it begins; the rest goes on at the last id', async (context) => {
  const { get, fetchText } = await served(context, timed(0, 1_000));
  assert.deepEqual((await get('since=start&follow=false&limit=3')).lines, timed(0, 3));
  const lines: string[] = [];
  for (let since = 'start'; ; ) {
    const body = await fetchText(`since=${since}&until=head&limit=300`);
    const page = messagesOf(body);
    lines.push(...page);
    if (page.length < 300) break;
    since = sseEvents(body).at(-1)?.id ?? '';
  }
  assert.deepEqual(lines, timed(0, 1_000));
});

test('since=byte:N begins at a place among all bytes, and feed.open says where that is', async (context) => {
  const { get, server } = await served(context, timed(0, 1_000));
  const size = text(timed(0, 1_000)).length;
  const { lines, open } = await get('since=byte:20000&follow=false&limit=2');
  const first = timed(0, 1_000).findIndex((_, index) => text(timed(0, index)).length >= 20_000);
  assert.deepEqual(lines, timed(first, first + 2));
  assert.deepEqual([open.start, open.extent], ['byte', { from: text(timed(0, first)).length, of: size }]);
  const page = await get('before=head&limit=10');
  assert.deepEqual(page.open.extent, { from: text(timed(0, 990)).length, until: size, of: size });
  for (const byte of ['', '-1', '1.5', 'x', '99999999999999999'])
    assert.equal((await fetch(`${server.url}/feeds/a.log?since=byte:${byte}`)).status, 400, byte);
  assert.equal((await fetch(`${server.url}/feeds/a.log?since=start&limit=5`)).status, 400, 'it follows');
});
