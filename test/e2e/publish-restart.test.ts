/** The data folder of the real command: it outlasts the process, belongs to one at a time, and yields to names that are given. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { dataOf, post } from '../http/publishing.ts';
import { scratchFolder } from './scratch.ts';
import { startService } from './service.ts';

const run = promisify(execFile);

test('published feeds are there again after a stop, and the data folder is made when it is needed', async (t) => {
  const data = join(scratchFolder(), 'deep', 'data');
  const service = await startService(t, ['--no-demo', '--data', data]);
  assert.equal(existsSync(data), false);
  const key = { 'Idempotency-Key': 'k' };
  const first = await post(`${service.url}/feeds/a/b`, 'one', key);
  assert.equal(first.status, 201);

  const main = ['--import', 'tsx', 'server/main.ts', '--no-demo', '--port', '0', '--data', data];
  const second = run(process.execPath, main, { cwd: join(import.meta.dirname, '..', '..') });
  await assert.rejects(second, {
    code: 1,
    stderr: /^livefeed: .* is in use by another livefeed \(process \d+\): stop that one/m,
  });

  assert.equal(await service.stop(), 0);
  await service.start();
  assert.doesNotMatch(service.output, /warning/);
  assert.deepEqual(await dataOf(`${service.url}/feeds/a/b`), ['one']);
  assert.deepEqual((await post(`${service.url}/feeds/a/b`, 'one', key)).json, first.json, 'its key is known');
});

test('a published feed whose name now is given to a file is not shown, and is back when the name is free', async (t) => {
  const folder = scratchFolder();
  const file = join(folder, 'x.log');
  writeFileSync(file, 'a line\n');
  const data = ['--data', join(folder, 'data')];
  const before = await startService(t, ['--no-demo', ...data]);
  await post(`${before.url}/feeds/web`, 'published');
  await post(`${before.url}/feeds/x.log`, 'published');
  await before.stop();

  const taken = await startService(t, [`web=${file}`, ...data]);
  assert.deepEqual(await dataOf(`${taken.url}/feeds/web`), ['a line']);
  assert.match(taken.output, /warning: the published feed web in .* is not shown: its name is given to something else/);
  assert.equal((await post(`${taken.url}/feeds/web`, 'x')).status, 405);
  await taken.stop();

  const beside = await startService(t, [file, ...data]);
  assert.deepEqual(await dataOf(`${beside.url}/feeds/web`), ['published']);
  assert.deepEqual(await dataOf(`${beside.url}/feeds/x.log`), ['published'], 'a found name yields to the one that was there');
});
