/** P7: a web page that somebody opens cannot publish to, read from or hold open a stream of the service on the same machine. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../browser/browser.ts';
import { serve } from '../http/serving.ts';
import { type Exchange, witness } from './witness.ts';

const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
const script = readFileSync(join(import.meta.dirname, 'foreign-page.js'), 'utf8');
const LIMIT = { timeout: 60_000 };
let browser: Browser;

before(async () => {
  writeFileSync(join(folder, 'a.log'), 'a secret line\n');
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** The real command, following one file. */
async function startService(test: { after(done: () => void): void }, ...more: string[]): Promise<number> {
  const main = join(import.meta.dirname, '../../server/main.ts');
  const args = [
    '--import',
    'tsx',
    main,
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--data',
    join(folder, 'data'),
    join(folder, 'a.log'),
    ...more,
  ];
  const service = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  test.after(() => service.kill('SIGKILL'));
  let printed = '';
  for await (const text of service.stdout.setEncoding('utf8')) {
    printed += text;
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`the service ended: ${printed}`);
}

async function readers(servicePort: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${servicePort}/healthz`);
  return ((await answer.json()) as { readers: number }).readers;
}

async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited 20 s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** All names of attempts that the page makes; each must have been seen by the service, or nothing has been shown. */
const ATTEMPTS = [...script.matchAll(/^ {2}attempt\('([a-z-]+)'/gm)].map(([, name]) => name ?? '');

function unanswered(exchanges: readonly Exchange[]): string[] {
  return ATTEMPTS.filter((name) => !exchanges.some(({ attempt }) => attempt === name));
}

for (const [what, foreignName] of [
  ['another port of the same address (same-site)', '127.0.0.1'],
  ['another name of the same machine (cross-site)', 'localhost'],
] as const) {
  test(`a page of ${what} cannot publish, read or hold open a stream`, { timeout: 60_000 }, async (t) => {
    const servicePort = await startService(t);
    const { port, exchanges } = await witness(t, servicePort);
    const foreign = await serve(t, (app) => {
      app.get('/redirect', (request, response) => response.redirect(String(request.query.to)));
      app.get('/attempts.js', (_request, response) => void response.type('js').send(script));
      app.get('/', (_request, response) => void response.type('html').send('<body><script src="attempts.js"></script></body>'));
    });
    const page = await browser.newPage({ locale: 'en-US' });
    t.after(() => page.close());

    const letIn = () => exchanges.filter(({ status }) => status !== 403);
    await page.goto(`http://${foreignName}:${foreign.port}/?service=http://127.0.0.1:${port}`, { waitUntil: 'commit' });
    await eventually(
      'every attempt to be answered, or one to be let in',
      () => unanswered(exchanges).length === 0 || letIn().length > 0,
    );
    assert.ok(ATTEMPTS.length >= 30);
    assert.deepEqual(letIn(), [], 'the service refuses each of them');
    await eventually('every answer to end', () => exchanges.every(({ isOver }) => isOver));
    assert.equal(await readers(servicePort), 0, 'no stream is open');
    const outcomes = await page.evaluate<Record<string, string>>('Promise.all(attempts).then(() => outcomes)');
    assert.deepEqual(
      Object.entries(outcomes).filter(([, outcome]) => outcome !== 'refused' && outcome !== 'blind'),
      [],
      'the page gets to know nothing',
    );
    t.diagnostic(`${exchanges.length} requests of ${ATTEMPTS.length} attempts, all refused`);
  });
}

test('what refuses a foreign page lets our own origin read, through the same witness', { timeout: 60_000 }, async (t) => {
  const servicePort = await startService(t);
  const { port } = await witness(t, servicePort);
  const page = await browser.newPage({ locale: 'en-US' });
  await page.goto(`http://127.0.0.1:${port}/healthz`);
  const line = await page.evaluate(`new Promise((resolve) => {
    globalThis.source = new EventSource('/feeds/a.log?since=start');
    source.onmessage = ({ data }) => resolve(data);
  })`);
  assert.equal(line, 'a secret line');
  assert.equal(await readers(servicePort), 1);
  await page.close();
  await eventually('the stream to end with its page', async () => (await readers(servicePort)) === 0);
});

test('a link on a foreign page opens the page of the service, and cannot look into it', { timeout: 60_000 }, async (t) => {
  const { port, exchanges } = await witness(t, await startService(t));
  const foreign = await serve(t, (app) =>
    app.get('/', (_request, response) => void response.type('html').send('<title>links</title>')),
  );
  const context = await browser.newContext({ locale: 'en-US' });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`http://localhost:${foreign.port}/`);
  const open = (path: string) => page.evaluate(`void (globalThis.opened = open('http://127.0.0.1:${port}${path}'))`);

  const [opened] = await Promise.all([context.waitForEvent('page'), open('/?attempt=page')]);
  await opened.waitForLoadState();
  await assert.rejects(page.evaluate('opened.document.body.textContent'), /cross-origin|SecurityError/);
  await open('/feeds/a.log?attempt=feed');
  await eventually('both to be answered', () =>
    ['page', 'feed'].every((name) => exchanges.some(({ attempt }) => attempt === name)),
  );
  assert.notEqual(exchanges.find(({ attempt }) => attempt === 'page')?.status, 403);
  assert.equal(exchanges.find(({ attempt }) => attempt === 'feed')?.status, 403);
});

/** What a page does at `service`, one after the other; what the browser does not let it is `refused`. */
const ASKING = `async (service) => {
  const outcome = (asked) => asked.then(({ status }) => status, () => 'refused');
  const ask = (path, method, headers, body) => outcome(fetch(service + path, { method, headers, body }));
  const source = new EventSource(service + '/events?feed=a.log&since=start');
  const connection = await new Promise((resolve) => {
    source.addEventListener('feed.open', ({ data }) => resolve(JSON.parse(data).connection));
  });
  const line = new Promise((resolve) => source.addEventListener('message', ({ data }) => resolve(JSON.parse(data).data)));
  const json = { 'Content-Type': 'application/json' };
  return {
    read: await line,
    publish: await ask('/feeds/p', 'POST', { ...json, 'Idempotency-Key': 'k' }, '{}'),
    'publish on a condition': await ask('/feeds/p', 'POST', { 'If-Match': '*' }, 'x'),
    'change what is read': await ask('/connections/' + connection, 'PATCH', json, '{"feeds":["p"]}'),
    'set what is kept': await ask('/feeds/p', 'PUT', json, '{"maxAge":"1s"}'),
    remove: await ask('/feeds/p', 'DELETE'),
    'see who reads': await outcome(fetch(service + '/connections')),
  };
}`;

test('a page of an origin that is allowed may read, publish and change what it reads, and nothing else', LIMIT, async (t) => {
  const foreign = await serve(t, (app) => app.get('/', (_request, response) => void response.type('html').send('<body>')));
  const servicePort = await startService(t, '--cors', `http://localhost:${foreign.port}`);
  const page = await browser.newPage({ locale: 'en-US' });
  t.after(() => page.close());
  await page.goto(`http://localhost:${foreign.port}/`);
  const outcomes = await page.evaluate(`(${ASKING})('http://127.0.0.1:${servicePort}')`);
  assert.deepEqual(outcomes, {
    read: 'a secret line',
    publish: 201,
    'publish on a condition': 201,
    'change what is read': 200,
    'set what is kept': 'refused',
    remove: 'refused',
    'see who reads': 403,
  });
});
