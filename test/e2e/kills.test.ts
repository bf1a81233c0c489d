import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../source/eventually.ts';
import { finished, startChild } from './child.ts';
import { EVENT_SOURCES } from './event-source-readers.ts';
import { assertSameLines, expectedOf } from './oracle.ts';
import { PageReader } from './page-reader.ts';
import { scratchFolder } from './scratch.ts';
import { seeded } from './seed.ts';
import type { Seen } from './seen.ts';
import { startService } from './service.ts';

const LF = 10;
const KILLS = 20;
/** After the readers are back, a kill comes within this long. */
const MOST_WAIT_MS = 250;
/** For hangs: a client waits up to 2.5 s, several times where the service is not up again yet. */
const DEADLINE_MS = 30_000;

test('readers of a service that is killed 20 times, while the writer never pauses, get every line once', async (t) => {
  const random = seeded(t);
  const file = join(scratchFolder(), 'app.log');
  writeFileSync(file, '');
  const service = await startService(t, [file]);
  const page = await PageReader.open(t, service.url, 'app.log');
  const writer = startChild(t, [process.execPath, join(import.meta.dirname, 'endless-writer.mjs'), file, String(random.seed)], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const url = `${service.url}/feeds/app.log?since=start`;
  const readers = EVENT_SOURCES.map((read) => read(t, url));

  await page.sees('10 ');
  // A page that follows draws other rows all the time: held, those that are drawn must stay, whatever happens to the service.
  await page.page.click('#follow');
  const drawn = await page.markRows();

  const pids = new Set<number>();
  let inMidLine = 0;
  for (let kill = 1; kill <= KILLS; kill += 1) {
    // Every fourth kill does not wait until all are back: it hits some who are still on their way.
    const enough = kill % 4 === 0 ? 1 : readers.length;
    await eventually(
      `${enough} readers are back before kill ${kill}`,
      () => backAgain(readers, service.startedAt) >= enough,
      DEADLINE_MS,
    );
    await delay(random.whole(0, MOST_WAIT_MS));
    pids.add(service.pid);
    assert.equal(await service.kill('SIGKILL'), null, 'it is gone without a farewell');
    if (readFileSync(file).at(-1) !== LF) inMidLine += 1;
    await service.start();
  }
  assert.equal(pids.size, KILLS);
  assert.ok(inMidLine > 0, 'some kills came while a line was unfinished');
  await eventually('all readers are back', () => backAgain(readers, service.startedAt) === readers.length, DEADLINE_MS);
  writer.stdin?.end();
  await finished(writer, 'the writer');

  const { lines, rest } = await expectedOf(file);
  assert.equal(rest, '');
  await eventually('all readers are at the end', () => readers.every((seen) => seen.lines.at(-1) === lines.at(-1)), DEADLINE_MS);
  for (const seen of readers) {
    assertSameLines(seen.who, seen.lines, lines);
    assertResumed(seen);
    t.diagnostic(`${seen.who}: ${lines.length} lines once each, resumed ${seen.of('feed.open').length - 1} times`);
  }

  assert.equal(page.loads, 1, 'the page has not been loaded again');
  assert.ok(drawn > 0);
  assert.equal(await page.sameRows(), drawn, 'the rows that were drawn are the same nodes');
  await page.page.click('#follow');
  await page.sees(lines.at(-1)?.trimEnd() ?? '');
  assertSameLines('the page', (await page.copyAll()).split('\n').slice(0, -1), lines);
  assert.equal(await page.page.locator('.note.gap').count(), 0);
  t.diagnostic(`the page: ${lines.length} lines once each, ${drawn} rows kept`);
});

function backAgain(readers: readonly Seen[], since: number): number {
  return readers.filter((seen) => (seen.of('feed.open').at(-1)?.at ?? 0) > since).length;
}

/** The service says that it resumes, and gives the place as an id: it is the one the client had, so the service has received it. */
function assertResumed(seen: Seen): void {
  const [first, ...later] = seen.of('feed.open');
  assert.equal(first?.data.start, 'oldest', seen.who);
  assert.ok(later.length >= KILLS / 2, `${seen.who} came back ${later.length} times`);
  for (const { data, id, idBefore } of later) {
    assert.equal(data.start, 'resumed', seen.who);
    assert.equal(id, idBefore, `${seen.who}: the service goes on after the last id that the client had`);
  }
  const instances = seen.of('feed.open').map(({ data }) => data.instance);
  assert.equal(new Set(instances).size, instances.length, `${seen.who}: each time it was another process that answered`);
  assert.deepEqual(seen.of('feed.gap'), [], seen.who);
}
