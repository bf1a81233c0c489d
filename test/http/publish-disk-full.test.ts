/** A disk without room: nothing is acknowledged that is not kept, readers go on, and so do publishers once there is room. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Files, type OpenFile, realFiles } from '../../server/feed/journal/files.ts';
import { get, messagesOf, RawClient } from '../delivery/feed-server.ts';
import { eventually } from '../source/eventually.ts';
import { dataOf, post, publishingServer } from './publishing.ts';

/** A real disk on which only so many more bytes can be written: what does not fit is written half, as a disk does. */
function diskWithRoom(): { room: number; readonly files: Files } {
  const disk = {
    room: Number.POSITIVE_INFINITY,
    files: {
      ...realFiles,
      open: async (path: string, as: 'existing' | 'new'): Promise<OpenFile> => {
        const file = await realFiles.open(path, as);
        const write = async (bytes: Buffer, at: number) => {
          const fits = bytes.subarray(0, Math.min(bytes.length, disk.room));
          disk.room -= fits.length;
          await file.write(fits, at);
          if (fits.length < bytes.length) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        };
        return {
          write,
          read: (target, at) => file.read(target, at),
          sync: () => file.sync(),
          truncate: (length) => file.truncate(length),
          size: () => file.size(),
          close: () => file.close(),
        };
      },
    } satisfies Files,
  };
  return disk;
}

test('a full disk is a 507, nothing of the event is seen, and with room it goes on', async (context) => {
  const disk = diskWithRoom();
  const { url, port } = await publishingServer(context, { files: disk.files, fsync: 'always' });
  const at = `${url}/feeds/a`;
  await post(at, 'before');
  const reader = await RawClient.open(context, port, get('/feeds/a?since=start', { Accept: 'text/event-stream' }));
  await eventually('it reads', () => reader.body.text.includes('data: before'));
  disk.room = 20;
  for (let time = 0; time < 3; time += 1) {
    const { status, json } = await post(at, 'does not fit', { 'Idempotency-Key': '"k"' });
    assert.equal(`${status} ${json.code}`, '507 disk-full');
  }
  assert.deepEqual(await dataOf(at), ['before']);
  disk.room = Number.POSITIVE_INFINITY;
  assert.equal((await post(at, 'does not fit', { 'Idempotency-Key': '"k"' })).status, 201);
  assert.deepEqual(await dataOf(at), ['before', 'does not fit']);
  await eventually('the reader has it', () => reader.body.text.includes('data: does not fit'));
  assert.deepEqual(messagesOf(reader.body.text), ['before', 'does not fit']);
});

test('a stream ends where the disk is full, and what it was told is kept; sent again it is completed', async (context) => {
  const disk = diskWithRoom();
  const { url } = await publishingServer(context, { files: disk.files });
  const at = `${url}/feeds/a?format=lines`;
  const lines = Array.from({ length: 40 }, (_, n) => `${n} ${'x'.repeat(50_000)}`);
  const stream = async () => {
    const answer = await fetch(at, { method: 'POST', body: `${lines.join('\n')}\n`, headers: { 'Idempotency-Key': '"run"' } });
    return (await answer.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  disk.room = 1_500_000;
  const first = await stream();
  assert.equal(first.at(-1).error.code, 'disk-full');
  const kept = first.length - 1;
  assert.ok(kept > 0 && kept < lines.length, `${kept} kept`);
  assert.deepEqual(await dataOf(`${url}/feeds/a`), lines.slice(0, kept));
  disk.room = Number.POSITIVE_INFINITY;
  assert.deepEqual((await stream()).at(-1), { done: { events: 40, repeated: kept, refused: 0, skipped: 0 } });
  assert.deepEqual(await dataOf(`${url}/feeds/a`), lines);
});

test('a feed that finds no room for its first event is not there', async (context) => {
  const disk = diskWithRoom();
  const { url, registry } = await publishingServer(context, { files: disk.files });
  disk.room = 0;
  const once = { 'If-None-Match': '*' };
  assert.equal((await post(`${url}/feeds/a`, 'x', once)).status, 507);
  assert.equal(registry.size, 0);
  disk.room = Number.POSITIVE_INFINITY;
  assert.equal((await post(`${url}/feeds/a`, 'x', once)).status, 201);
});
