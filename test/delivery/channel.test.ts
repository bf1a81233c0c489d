import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Channel } from '../../server/delivery/channel.ts';
import { Channels } from '../../server/delivery/channels.ts';
import { FanOut } from '../../server/delivery/fan-out.ts';
import { ndjsonFormat, sseBatchFormat, sseFormat } from '../../server/delivery/formats.ts';
import { WindowShare } from '../../server/delivery/window-share.ts';
import type { Follower, Following } from '../../server/feed/log.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { eventually } from '../source/eventually.ts';

class CountedLog extends MemoryLog {
  opened = 0;
  closed = 0;
  fails = false;

  override async follow(follower: Follower): Promise<Following> {
    this.opened += 1;
    await turn();
    if (this.fails) throw new Error('follow has failed');
    const following = await super.follow(follower);
    const stop = () => {
      this.closed += 1;
      following.stop();
    };
    return { ...following, stop };
  }
}

async function channelOf(context: TestContext, gatherMs: number): Promise<{ channel: Channel; log: MemoryLog }> {
  const log = new MemoryLog({ maxBytes: 1 << 26 });
  const channel = await Channel.open(log, sseBatchFormat('a', gatherMs), new WindowShare(1 << 24), new FanOut());
  context.after(() => channel.close());
  return { channel, log };
}

test('events are gathered for the time of the format, and framed at once when somebody needs them', async (context) => {
  const { channel, log } = await channelOf(context, 5_000);
  log.append('one');
  await turn();
  await turn();
  assert.equal(channel.window.end, 0);
  channel.flush();
  assert.equal(channel.window.end, 1);
  assert.equal(channel.cursor, log.head);
  channel.flush();
  assert.equal(channel.window.end, 1, 'nothing is nothing');
});

test('what has been framed stays as it is, whatever this channel and others frame after it', async (context) => {
  const [one, other] = [await channelOf(context, 5_000), await channelOf(context, 5_000)];
  const frame = async ({ channel, log }: typeof one, text: string) => {
    log.append(text);
    await turn();
    channel.flush();
    return channel.window.from(channel.window.end - 1).framed;
  };
  const framed = [await frame(one, 'a'.repeat(100)), await frame(other, 'b'.repeat(50)), await frame(one, 'c'.repeat(2_000))];
  for (const [at, letter] of ['a', 'b', 'c'].entries())
    assert.match(String(framed[at]), new RegExp(`"data":"${letter}+"`), `frame ${at}`);
});

test('a burst is not gathered to one huge frame: a bound of bytes frames it before its time', async (context) => {
  const { channel, log } = await channelOf(context, 5_000);
  for (let event = 0; event < 10_000; event += 1) {
    log.append('x'.repeat(1_000));
    if (event % 50 === 0) await turn();
  }
  await turn();
  await turn();
  assert.ok(channel.window.end >= 10, `${channel.window.end} chunks`);
  assert.ok(channel.window.bytesFrom(0) / channel.window.end < 1.5 * (1 << 20), 'a chunk is a MiB or so');
});

test('news keeps its place behind what has been gathered before it', async (context) => {
  const { channel, log } = await channelOf(context, 5_000);
  log.append('before');
  log.setPartial('unfinished');
  await eventually('both are framed', () => channel.window.end === 2);
  assert.match(channel.window.from(0).framed.toString(), /"data":"before"[\s\S]*feed\.partial/);
  assert.match(String(channel.shownPartials), /unfinished/);
});

test('more windows than 512 share the memory of so many, and have all of it again when others have gone', async () => {
  const channels = new Channels(1 << 16, new FanOut());
  const acquire = () => {
    const log = new MemoryLog({ maxBytes: 1 << 24 });
    return channels.acquire(log, sseFormat()).then((acquired) => ({ ...acquired, log }));
  };
  const [one, ...others] = await Promise.all(Array.from({ length: 2_048 }, acquire));
  assert.ok(one);
  const held = async () => {
    for (let event = 0; event < 200; event += 1) {
      one.log.append('x'.repeat(1_000));
      await turn();
      one.channel.flush();
    }
    return one.channel.window.bytesFrom(0);
  };
  const few = await held();
  assert.ok(few > (1 << 14) - 3_000 && few <= 1 << 14, `${few} bytes of one in 2,048`);
  for (const { release } of others) release();
  await turn();
  const all = await held();
  assert.ok(all > (1 << 16) - 3_000 && all <= 1 << 16, `${all} bytes of the only one`);
  one.release();
});

test('a feed in one format has one channel, however many come at once, and it ends with the last', async () => {
  const log = new CountedLog();
  const channels = new Channels(1 << 16, new FanOut());
  const acquired = await Promise.all(Array.from({ length: 20 }, () => channels.acquire(log, sseFormat())));
  assert.equal(log.opened, 1);
  assert.equal(new Set(acquired.map(({ channel }) => channel)).size, 1);
  for (const { release } of acquired.slice(1)) release();
  await turn();
  assert.equal(log.closed, 0);
  acquired[0]?.release();
  await turn();
  assert.equal(log.closed, 1);
});

test('a channel that is let go before it is there is closed when it comes, and the next gets another', async () => {
  const log = new CountedLog();
  const channels = new Channels(1 << 16, new FanOut());
  const first = channels.acquire(log, sseFormat()).then(({ release }) => release());
  const second = channels.acquire(log, ndjsonFormat('a'));
  await first;
  const third = await channels.acquire(log, sseFormat());
  assert.equal(log.opened, 3);
  third.release();
  (await second).release();
  await turn();
  assert.equal(log.closed, 3);
});

test('a log that cannot be followed fails everyone who waits for it, and is asked anew by the next', async () => {
  const log = new CountedLog();
  log.fails = true;
  const channels = new Channels(1 << 16, new FanOut());
  const waiting = Array.from({ length: 5 }, () => channels.acquire(log, sseFormat()));
  for (const one of await Promise.allSettled(waiting)) assert.equal(one.status, 'rejected');
  assert.equal(log.opened, 1);
  log.fails = false;
  (await channels.acquire(log, sseFormat())).release();
  await turn();
  assert.deepEqual([log.opened, log.closed], [2, 1]);
});
