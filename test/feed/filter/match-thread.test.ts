import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import type { Texts } from '../../../server/feed/filter/match-messages.ts';
import { MatchingFailed, MatchThread } from '../../../server/feed/filter/match-thread.ts';

const textsOf = (...texts: readonly string[]): Texts => {
  let at = 0;
  const ends = texts.map((text) => (at += Buffer.byteLength(text)));
  return { bytes: Uint8Array.from(Buffer.from(texts.join(''))), ends: Uint32Array.from(ends) };
};

const rule = (text: string) => ({ patterns: [{ text, isNot: false }], level: undefined });

test('what is wrong with a pattern is told, with its place', async (context) => {
  const thread = new MatchThread({ onFailure: (error) => assert.fail(error) });
  context.after(() => thread.close());
  assert.deepEqual(await thread.check(['a+', '(?i)b', '\\pL']), []);
  const faults = await thread.check(['user=(\\d+', 'ab[c', 'x**', '\\1', '(?<=a)b', '((a{100}){100}){100}', '(?:ab?){900}']);
  assert.equal(faults.length, 7);
  assert.deepEqual(faults[2], { pattern: 'x**', words: 'invalid nested repetition operator: `**`', at: 2 });
  assert.match(faults[6]?.words ?? '', /steps, more than 1000/);
});

test('a pattern made to be slow does not hold the loop', async (context) => {
  const thread = new MatchThread({ onFailure: (error) => assert.fail(error) });
  context.after(() => thread.close());
  await thread.check(['a']);
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  const started = performance.now();
  const line = `${'a'.repeat(16_000)}!`;
  const lines = Array.from({ length: 48 }, () => line);
  for (const pattern of ['(a+)+$', '(a|aa)*b$', '(?:a?){400}b', '(.*)(.*)(.*)(.*)(.*)[^a!]'])
    assert.equal(
      (await thread.match(rule(pattern), () => textsOf(...lines))).reduce((sum, one) => sum + one, 0),
      0,
      pattern,
    );
  const tookMs = performance.now() - started;
  delays.disable();
  // The machine may stall as a whole; the thread would have held the loop for nearly all of the time.
  assert.ok(delays.percentile(50) / 1e6 < Math.max(50, tookMs / 10), `p50 ${delays.percentile(50) / 1e6} ms of ${tookMs} ms`);
});

test('a thread that dies fails what it was asked, tells of it, and the next question begins another', async (context) => {
  const failures: Error[] = [];
  const thread = new MatchThread({ onFailure: (error) => failures.push(error) });
  context.after(() => thread.close());
  const asked = [thread.match(rule('a('), () => textsOf('x')), thread.match(rule('b'), () => textsOf('b'))];
  for (const one of await Promise.allSettled(asked)) assert.ok(one.status === 'rejected' && one.reason instanceof MatchingFailed);
  assert.equal(failures.length, 1);
  assert.deepEqual([...(await thread.match(rule('b'), () => textsOf('b', 'c')))], [1, 0]);
});

test('a thread that does not answer is given up', async (context) => {
  const failures: Error[] = [];
  const thread = new MatchThread({ onFailure: (error) => failures.push(error), silenceMs: 1 });
  context.after(() => thread.close());
  await assert.rejects(thread.check(['a']), /has not answered for 1 ms/);
  assert.equal(failures.length, 1);
});

test('the copies that the thread is given are few at a time, however many ask', async (context) => {
  const thread = new MatchThread({ onFailure: (error) => assert.fail(error) });
  context.after(() => thread.close());
  let made = 0;
  let done = 0;
  let most = 0;
  const ask = async (number: number) => {
    const texts = () => {
      made += 1;
      most = Math.max(most, made - done);
      return textsOf(`line ${number}`);
    };
    const [holds] = await thread.match(rule(`^line ${number}$`), texts);
    done += 1;
    return holds;
  };
  const answers = await Promise.all(Array.from({ length: 200 }, (_, number) => ask(number)));
  assert.deepEqual(answers, Array(200).fill(1));
  assert.ok(most <= 9, `${most} at once`);
});
