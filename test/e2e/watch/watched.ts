import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { FeedEntry } from '../../../server/feed/feed-entry.ts';
import type { Health } from '../../../server/http/health.ts';
import type { Service } from '../service.ts';

const DEADLINE_MS = 20_000;

export async function feedsOf({ url }: Service): Promise<FeedEntry[]> {
  const answer = (await (await fetch(`${url}/feeds`)).json()) as { feeds: FeedEntry[] };
  return answer.feeds;
}

export async function feedOf(service: Service, name: string): Promise<FeedEntry> {
  const feed = (await feedsOf(service)).find((entry) => entry.name === name);
  assert.ok(feed, `there is a feed ${name}`);
  return feed;
}

export async function healthOf({ url }: Service): Promise<Health> {
  return (await (await fetch(`${url}/healthz`)).json()) as Health;
}

/** Asks until the answer is as wanted; fails with the last answer where it does not come to that. */
export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  isIt: (answer: T) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (isIt(answer)) return answer;
    if (performance.now() > deadline) assert.fail(`within ${deadlineMs} ms: ${what}; it is ${JSON.stringify(answer)}`);
    await delay(50);
  }
}

/** Waits until the feed list says why the file of `name` is not watched or read as usual; undefined: that all is well. */
export function untilWhy(service: Service, name: string, why: string | undefined): Promise<unknown> {
  return until(
    `${name} says ${why}`,
    () => feedOf(service, name),
    ({ watch }) => watch?.why === why,
  );
}

/** What a reader gets who reads the feed from its start to its end now. */
export async function linesOf({ url }: Service, name: string): Promise<string[]> {
  const response = await fetch(`${url}/feeds/${name}?since=start&follow=false`);
  assert.equal(response.status, 200, name);
  return (await response.text()).split('\n').slice(0, -1);
}
