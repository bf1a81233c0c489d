import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '../../server/delivery/histogram.ts';
import { health } from '../../server/http/health.ts';
import { ask, serve } from './serving.ts';

test('health says how it is with the figures of this moment, and is never stored', async (t) => {
  let readers = 0;
  let status: 'ok' | 'draining' = 'ok';
  const read = async () => ({
    status,
    version: '1.2.3',
    instance: 'k3v9x2',
    uptimeSeconds: 4,
    feeds: 2,
    readers,
    connections: 9,
    refused: { connections: 0, address: 0, rate: 0, memory: 0 },
    delivery: { windowHits: 1, catchUps: 2, gaps: 3, stalls: 4, latencyMs: new Histogram().figures },
    watch: { mode: 'inotify' as const, folders: 1, watches: 1, limit: 1000, polled: 0 },
    eventLoopDelayMs: { p50: 1, p99: 2, max: 3 },
  });
  const { port } = await serve(t, (app) => app.get('/healthz', health(read)));
  readers = 7;
  const answer = await ask(port, '/healthz');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual(JSON.parse(answer.body.toString()), await read());
  status = 'draining';
  assert.equal((await ask(port, '/healthz')).status, 503, 'no new readers are to be sent here');
});
