import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Router } from 'express';
import { allowMethods } from '../../server/http/answer-problem.ts';
import { guard } from '../../server/http/guard.ts';
import { listen } from '../../server/http/listen.ts';
import { routes } from '../../server/http/routes.ts';
import { ask } from './serving.ts';

/** The whole table, each handler saying only its name. */
async function table(context: TestContext, { withFiles = true } = {}): Promise<{ port: number; failures: string[] }> {
  const failures: string[] = [];
  const page = Router().get('/', (_request, response) => void response.send('page'));
  const download = Router().get('/download/file/*name', (_request, response) => void response.send('download'));
  const app = routes({
    guard: guard({ allowHosts: [], cors: [], host: '127.0.0.1' }),
    admit: (_request, _response, next) => next(),
    admitReader: (_request, _response, next) => next(),
    page,
    feedList: (_request, response) => void response.send('list'),
    feedMethods: allowMethods('GET', 'HEAD', 'POST', 'PUT', 'DELETE'),
    publish: (_request, response) => void response.send('publish'),
    retention: (_request, response) => void response.send('retention'),
    removal: (_request, response) => void response.send('removal'),
    feed: (request) => {
      throw request.query.fail === undefined ? new Error('secret') : Object.assign(new Error('given up'), { status: 418 });
    },
    events: (_request, response) => void response.send('events'),
    connections: (_request, response) => void response.send('connections'),
    connectionList: (_request, response) => void response.send('connection list'),
    connectionEnd: (_request, response) => void response.send('connection end'),
    liveMessages: (_request, response) => void response.send('messages'),
    health: (_request, response) => void response.send('health'),
    download: withFiles ? download : undefined,
    errorLog: { error: (_fields, message) => void failures.push(message) },
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, failures };
}

test('each address has its handler', async (context) => {
  const { port } = await table(context);
  for (const [path, name] of [
    ['/', 'page'],
    ['/feeds', 'list'],
    ['/feeds/', 'list'],
    ['/feeds?x=1', 'list'],
    ['/events?feed=a', 'events'],
    ['/live_messages', 'messages'],
    ['/healthz', 'health'],
    ['/connections', 'connection list'],
    ['/download/file/a', 'download'],
  ] as const)
    assert.equal((await ask(port, path)).body.toString(), name, path);
});

test('without a folder of files there is nothing to download', async (context) => {
  const { port } = await table(context, { withFiles: false });
  assert.equal((await ask(port, '/download/file/a')).status, 404);
});

test('what has no handler is a 404 problem that tells nothing about us', async (context) => {
  const { port } = await table(context);
  for (const path of ['/nothing', '/feedsx', '/.git/config', '/index.php?a=1', '//feeds/a', '/%2e%2e/etc/passwd']) {
    const { status, headers, body } = await ask(port, path);
    assert.equal(status, 404, path);
    assert.equal(headers['content-type'], 'application/problem+json');
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(JSON.parse(body.toString()).code, 'unknown-path');
  }
});

test('a feed has a handler for each of its methods', async (context) => {
  const { port } = await table(context);
  for (const [method, name] of [
    ['POST', 'publish'],
    ['PUT', 'retention'],
    ['DELETE', 'removal'],
  ] as const)
    assert.equal((await ask(port, '/feeds/a/b', { method })).body.toString(), name, method);
  assert.equal((await ask(port, '/feeds/a/b', { method: 'PATCH' })).status, 405);
});

test('another method is refused with those there are, and OPTIONS is told them', async (context) => {
  const { port } = await table(context);
  for (const path of ['/feeds', '/live_messages', '/healthz']) {
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const { status, headers } = await ask(port, path, { method });
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD, OPTIONS'], `${method} ${path}`);
    }
    const { status, headers } = await ask(port, path, { method: 'OPTIONS' });
    assert.deepEqual([status, headers.allow], [204, 'GET, HEAD, OPTIONS'], path);
  }
});

test('a handler that fails is a 500 problem with an id and without its message, which the log has', async (context) => {
  const { port, failures } = await table(context);
  const { status, body } = await ask(port, '/feeds/a');
  assert.equal(status, 500);
  assert.doesNotMatch(body.toString(), /secret/);
  assert.match(JSON.parse(body.toString()).instance, /^urn:uuid:/);
  assert.equal(failures.length, 1);
});

test('a foreign Host gets nothing, whatever it asks for', async (context) => {
  const { port } = await table(context);
  for (const path of ['/', '/feeds', '/feeds/a', '/healthz', '/nothing']) {
    const asking = request({ host: '127.0.0.1', port, path, agent: false, setHost: false, headers: { Host: 'evil.example' } });
    asking.end();
    const [response] = await once(asking, 'response');
    response.resume();
    assert.ok(response.statusCode >= 400 && response.statusCode < 500, path);
  }
});
