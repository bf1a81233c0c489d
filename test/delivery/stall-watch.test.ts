import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chunkOf } from '../../server/delivery/chunked.ts';
import { Figures } from '../../server/delivery/figures.ts';
import type { Outlet } from '../../server/delivery/outlet.ts';
import { StallWatch } from '../../server/delivery/stall-watch.ts';
import { eventually } from '../source/eventually.ts';
import { get, RawClient } from './feed-server.ts';
import { outletServer } from './outlet-server.ts';

const CHUNK = chunkOf([Buffer.alloc(64 * 1024, 'x')]);

/** A client that reads nothing, and the outlet to it. */
async function silent(context: TestContext): Promise<Outlet> {
  let made: Outlet | undefined;
  const { port } = await outletServer(context, (outlet) => {
    made = outlet;
  });
  const client = await RawClient.open(context, port, get('/'));
  await eventually('it is connected', () => made !== undefined);
  client.socket.pause();
  return made as Outlet;
}

/** Writes past the socket, as the round does, until the system takes nothing more. */
async function fill(outlet: Outlet): Promise<void> {
  let descriptor = -1;
  await eventually('it is lent', () => {
    descriptor = outlet.lend({ takeBack: () => undefined });
    return descriptor >= 0;
  });
  for (let refused = 0; refused < 5; refused += 1) {
    await sleep(20);
    while (takesFrom(descriptor)) refused = 0;
  }
}

function takesFrom(descriptor: number): boolean {
  try {
    return writeSync(descriptor, CHUNK) > 0;
  } catch {
    return false;
  }
}

test('who is looked at right after it has ceased to take is given the whole timeout from then on', {
  skip: process.platform === 'win32' && 'sockets have no descriptors here',
}, async (context) => {
  const outlet = await silent(context);
  const figures = new Figures();
  const watch = new StallWatch(outlet, 1_000, figures);
  const start = Math.ceil(performance.now());
  watch.tick(start);
  await fill(outlet);
  outlet.writeChunk(CHUNK, undefined, 0);
  assert.equal(outlet.isWritable, false);
  assert.equal(watch.tick(start + 1_000), 1_000, 'much was taken since the first look');
  assert.equal(watch.tick(start + 1_700), 300, 'it is looked at again when its time is over');
  assert.equal(watch.tick(start + 2_000), undefined);
  assert.equal(figures.stalls, 1);
});
