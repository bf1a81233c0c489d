/** What is packed can be used by somebody's own program, types and all: the example runs against it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { endChild, startChild } from './e2e/child.ts';
import { post } from './http/publishing.ts';
import { eventually } from './source/eventually.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'livefeed-package-'));
const modules = join(folder, 'node_modules');

/** As npm would install it, but for its dependencies, which are those of this repository. */
before(async () => {
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  await run('sh', ['-c', 'tar -xzf livefeed-*.tgz'], { cwd: folder });
  mkdirSync(modules);
  cpSync(join(folder, 'package'), join(modules, 'livefeed'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(modules, 'livefeed', 'node_modules'));
  for (const name of ['express', '@types']) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  cpSync(join(root, 'examples'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the example has the types that it needs', async () => {
  const config = {
    compilerOptions: {
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      types: ['node'],
      exactOptionalPropertyTypes: true,
    },
    files: ['orders.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { stdout } = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  assert.equal(stdout, '');
});

test('the example publishes, is read from, and has kept its orders when it is started again', async (t) => {
  const start = async () => {
    const command = [process.execPath, '--import', import.meta.resolve('tsx'), 'orders.ts'];
    const child = startChild(t, command, {
      cwd: folder,
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const address = () => /http:\/\/\S+/.exec(output)?.[0];
    await eventually('the example listens', () => address() !== undefined, 30_000);
    return { child, url: address() ?? '' };
  };
  const json = { 'Content-Type': 'application/json', 'Idempotency-Key': 'order-1' };
  const first = await start();
  const answers = [1, 2].map(() => post(`${first.url}/orders`, '{"item":"tea","count":2}', json));
  const [one, again] = await Promise.all(answers);
  assert.equal(one?.status, 201);
  assert.deepEqual(again?.json, one?.json);
  const feed = await fetch(`${first.url}/live/feeds/orders?format=sse&follow=false`);
  assert.match(await feed.text(), new RegExp(`id: ${one?.json.id}\\nevent: order\\ndata: \\{"item":"tea","count":2\\}\\n\\n`));
  const filtered = async (match: string) => (await fetch(`${first.url}/live/feeds/orders?follow=false&match=${match}`)).text();
  assert.match(await filtered('t[e]a'), /tea/, 'patterns are tried in a thread, which is found in the package');
  assert.equal(await filtered('c[o]ffee'), '');
  const wrong = await post(`${first.url}/live/feeds/livefeed/log`, 'x');
  assert.equal(wrong.json.type, '/live/problems/not-publishable');
  assert.equal((await fetch(`${first.url}${wrong.json.type}`)).status, 200);
  assert.equal(
    (await post(`${first.url}/live/feeds/chat`, 'hello')).headers.get('location')?.startsWith('/live/feeds/chat?before='),
    true,
  );
  assert.match(await (await fetch(first.url)).text(), /orders/, 'what is not ours is left to the app');
  await endChild(first.child, 'SIGTERM');
  assert.equal(first.child.exitCode, 0);

  const second = await start();
  assert.equal(await (await fetch(`${second.url}/live/feeds/orders?follow=false`)).text(), '{"item":"tea","count":2}\n');
});
