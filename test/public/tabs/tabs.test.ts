/** What the worker does that all tabs share, with a real service: who reads what, and that each tab has its own feed exactly. */
import assert from 'node:assert/strict';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Links } from '../../../public/src/tabs/links.ts';
import { scratchFolder } from '../../e2e/scratch.ts';
import { seeded } from '../../e2e/seed.ts';
import { type Service, startService } from '../../e2e/service.ts';
import { eventually } from '../../source/eventually.ts';
import { assertConsecutive, TestTab } from './test-tab.ts';

const folder = scratchFolder();
const busy = ['a.log', 'b.log', 'c.log'];
const many = Array.from({ length: 40 }, (_, number) => `many${number}.log`);
const ended: (() => Promise<void>)[] = [];
const pathOf = (name: string) => join(folder, name);
let service: Service;

before(async () => {
  for (const name of [...busy, ...many, 'wide.log']) writeFileSync(pathOf(name), 'line 0\n');
  const args = [...busy, ...many, 'wide.log'].map(pathOf);
  service = await startService({ after: (end) => void ended.push(end) }, [...args, '--data', join(folder, 'data')]);
});
after(async () => {
  for (const end of ended) await end();
});

/** As many tabs, which leave at the end. */
function tabs(t: TestContext, count: number): TestTab[] {
  const links = new Links({ base: service.url, opened: () => undefined });
  const made = Array.from({ length: count }, () => new TestTab(links, service.url));
  t.after(async () => {
    for (const { tab } of made) tab.leave();
    await eventually('all connections have ended', () => links.size === 0);
  });
  return made;
}

async function connections(): Promise<{ readonly feeds: readonly string[] }[]> {
  const response = await fetch(`${service.url}/connections`);
  return ((await response.json()) as { connections: { feeds: string[] }[] }).connections;
}

/** Writes numbered lines to the busy feeds, and rotates them, until it is told to stop; then it says how many each has. */
function write(random: { whole(least: number, most: number): number }): () => Map<string, number> {
  const written = new Map(busy.map((name) => [name, 1]));
  let rotated = 0;
  const timer = setInterval(() => {
    for (const name of busy) {
      const from = written.get(name) ?? 0;
      const count = random.whole(0, 60);
      written.set(name, from + count);
      appendFileSync(pathOf(name), Array.from({ length: count }, (_, index) => `line ${from + index}\n`).join(''));
    }
    if (random.whole(0, 40) > 0) return;
    rotated += 1;
    const name = busy[rotated % busy.length] ?? '';
    renameSync(pathOf(name), pathOf(`${name}.${rotated}`));
    writeFileSync(pathOf(name), '');
  }, 5);
  return () => {
    clearInterval(timer);
    return written;
  };
}

test('tabs that come, go, come back and take slowly, as it happens, each have every line of their feed once', {
  timeout: 120_000,
}, async (t) => {
  const random = seeded(t);
  const all = tabs(t, 12).map((tab) => ({ tab, feed: random.one(['a.log', 'b.log', 'c.log']) }));
  for (const { tab, feed } of all) tab.open(feed);
  const stop = write(random);
  let [opened, returned, cut] = [0, 0, 0];
  const endMs = performance.now() + Number(process.env.TABS_SECONDS ?? 1) * 1_000;
  while (performance.now() < endMs) {
    await sleep(random.whole(0, 10));
    const one = all[random.whole(0, all.length - 1)];
    if (one === undefined) break;
    const what = random.whole(0, 9);
    assertConsecutive(one.tab.lines, one.feed);
    if (one.tab.end !== undefined) cut += 1;
    if (what === 0) {
      opened += 1;
      one.feed = random.one(['a.log', 'b.log', 'c.log']);
      one.tab.open(one.feed);
      one.tab.place = '';
    } else if (one.tab.place !== '' && (what < 4 || one.tab.end !== undefined)) {
      returned += 1;
      one.tab.open(one.feed, true);
    } else if (what < 7) one.tab.isSlow = !one.tab.isSlow;
    if (!one.tab.isSlow) one.tab.take();
  }
  const written = stop();
  for (const { tab } of all) {
    tab.isSlow = false;
    tab.take();
  }
  for (const { tab, feed } of all) {
    const last = `line ${(written.get(feed) ?? 0) - 1}`;
    await eventually(`${last} of ${feed}`, () => {
      if (tab.end !== undefined) tab.open(feed, tab.place !== '');
      return tab.lines.at(-1) === last;
    });
    assertConsecutive(tab.lines, feed);
    assert.ok(!tab.controls.some(({ type }) => type === 'feed.gap'), 'a gap was told, and nothing was destroyed');
  }
  t.diagnostic(`${[...written.values()]} lines, ${opened} opened, ${returned} returned, ${cut} cut`);
});

test('a tab that takes nothing holds up nobody, and costs some megabytes; when it takes again, it is given each line once', {
  timeout: 60_000,
}, async (t) => {
  const [slow, quick] = tabs(t, 2);
  assert.ok(slow && quick);
  slow.isSlow = true;
  for (const tab of [slow, quick]) tab.open('wide.log');
  await eventually('both are open', () => slow.lines.length === 1 && quick.lines.length === 1);
  const count = 7_000;
  for (let line = 1; line <= count; line += 500) {
    const lines = Array.from({ length: 500 }, (_, index) => `line ${line + index} ${'x'.repeat(1_000)}\n`);
    appendFileSync(pathOf('wide.log'), lines.join(''));
    await sleep(5);
  }
  await eventually('the quick one has all', () => quick.lines.length === count + 1);
  const waiting = slow.untaken.reduce((sum, { characters }) => sum + characters, 0);
  assert.ok(waiting > 4_000_000 && waiting < 6_000_000, `${waiting} characters wait for the slow one`);
  slow.isSlow = false;
  slow.take();
  await eventually('the slow one has all', () => slow.lines.length === count + 1);
  for (const { lines } of [slow, quick]) assertConsecutive(lines, 'wide.log');
  assert.equal(slow.controls.filter(({ type }) => type === 'feed.open').length, 1);
  assert.equal((await connections()).length, 1);
});

test('more than 31 feeds are read by a second connection', { timeout: 60_000 }, async (t) => {
  const all = tabs(t, many.length);
  for (const [index, tab] of all.entries()) tab.open(many[index] ?? '');
  await eventually('all are open', () => all.every(({ lines }) => lines.length === 1));
  for (const name of many) appendFileSync(pathOf(name), 'line 1\n');
  await eventually('all have the next line', () => all.every(({ lines }) => lines.at(-1) === 'line 1'));
  const counts = (await connections()).map(({ feeds }) => feeds.length);
  assert.deepEqual(counts.sort(), [10, 32]);
});

test("what the shared connection cannot give is left to one of the tab's own: a feed that is not there, a filter, another format", {
  timeout: 60_000,
}, async (t) => {
  const [there, missing, filtered] = tabs(t, 3);
  assert.ok(there && missing && filtered);
  missing.open('nothing.log');
  there.open('a.log');
  filtered.open('a.log', false, '&match=line');
  await eventually('the others are told', () => missing.end === 'alone' && filtered.end === 'alone');
  await eventually('one that is there is read all the same', () => there.lines.length > 0);
  assert.equal(there.end, undefined);
});

test('who reads a feed that is removed is told, and reads it again when it is there again; the others go on', {
  timeout: 60_000,
}, async (t) => {
  const publish = (line: string) => fetch(`${service.url}/feeds/deploys?format=text`, { method: 'POST', body: line });
  await publish('line 0');
  const [goes, stays] = tabs(t, 2);
  assert.ok(goes && stays);
  goes.open('deploys');
  stays.open('b.log');
  await eventually('both are open', () => goes.lines.length === 1 && stays.lines.length > 0);
  await fetch(`${service.url}/feeds/deploys`, { method: 'DELETE' });
  const closing = () => goes.controls.filter(({ type }) => type === 'feed.closing').map(({ data }) => data.reason);
  await eventually('it is told', () => closing().join() === 'removed');
  goes.open('deploys', true);
  await eventually('it is not there', () => goes.end === 'alone');
  await publish('line 0');
  goes.open('deploys');
  await eventually('it is there again', () => goes.end === 'alone' || goes.lines.length === 1);
  assert.equal(goes.end, undefined);
  await publish('line 1');
  await eventually('it goes on', () => goes.lines.at(-1) === 'line 1');
  assert.equal(stays.end, undefined);
  assert.equal((await connections()).length, 1);
});
