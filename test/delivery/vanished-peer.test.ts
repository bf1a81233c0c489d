import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../source/eventually.ts';
import { feedServer, get, RawClient } from './feed-server.ts';

const UP = ['-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
const noNetwork = spawnSync('unshare', [...UP, 'true']).status === 0 ? false : 'a network of its own cannot be made here';
const noSs = spawnSync('ss', ['-V']).status === 0 ? false : 'ss is not there';

test('a reader of plain text, which has no heartbeat, is let go when its machine has vanished, and the others stay', {
  skip: noNetwork,
}, async () => {
  const script = join(import.meta.dirname, 'vanished-peer.ts');
  const command = [...UP, process.execPath, '--import', 'tsx', script];
  const { stdout } = await promisify(execFile)('unshare', command, { timeout: 60_000 });
  assert.deepEqual(JSON.parse(stdout), { left: ['127.0.0.1'] });
});

for (const [stallTimeoutMs, mostMs] of [
  [600_000, 120_000],
  [30_000, 30_000],
] as const)
  test(`the system looks for a silent reader after at most ${mostMs / 1_000} s where the stall timeout is ${stallTimeoutMs / 1_000} s`, {
    skip: noSs,
  }, async (context) => {
    const server = await feedServer(context, { stallTimeoutMs });
    server.add('quiet');
    const client = await RawClient.open(context, server.port, get('/feeds/quiet'));
    await eventually('it reads', () => server.delivery.readers === 1);
    const told = timerOf(server.port, client);
    const [, minutes = '0', seconds = '0'] = /keepalive,(?:(\d+)min)?(?:([\d.]+)sec)?/.exec(told) ?? assert.fail(told);
    const dueMs = (Number(minutes) * 60 + Number(seconds)) * 1_000;
    assert.ok(dueMs > mostMs / 2 && dueMs <= mostMs, told);
  });

/** What `ss` says of the server's side of the connection. */
function timerOf(port: number, { socket }: RawClient): string {
  return execFileSync('ss', ['-tnoH', `sport = :${port} and dport = :${socket.localPort}`], { encoding: 'utf8' });
}
