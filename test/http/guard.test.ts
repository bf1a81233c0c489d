import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { Express } from 'express';
import { answerProblem } from '../../server/http/answer-problem.ts';
import { type Asking, decider, type GuardOptions, guard } from '../../server/http/guard.ts';
import { ask, serve } from './serving.ts';

const closed: GuardOptions = { allowHosts: [], cors: [], host: '127.0.0.1' };
const opened: GuardOptions = {
  allowHosts: ['Feeds.example', '10.0.0.5:4000', '[FD00:0::1]'],
  cors: ['https://status.example'],
  host: '192.168.1.7',
};

function asking(change: Partial<Asking>): Asking {
  return { method: 'GET', target: '/feeds/a', scheme: 'http', hosts: ['127.0.0.1:4000'], ...change };
}

/** `yes`, `cors` (yes, and the origin is told so) or the code of the refusal. */
function verdict(change: Partial<Asking>, options = closed): string {
  const decision = decider(options)(asking(change));
  if (!decision.allowed) return decision.code;
  return decision.origin === undefined ? 'yes' : 'cors';
}

const hosts: [host: string, byDefault: string, configured: string][] = [
  ['localhost', 'yes', 'yes'],
  ['localhost:4000', 'yes', 'yes'],
  ['LocalHost:4000', 'yes', 'yes'],
  ['localhost.:4000', 'yes', 'yes'],
  ['feeds.localhost:4000', 'yes', 'yes'],
  ['127.0.0.1', 'yes', 'yes'],
  ['127.8.9.10:1', 'yes', 'yes'],
  ['[::1]:4000', 'yes', 'yes'],
  ['[0:0:0:0:0:0:0:1]', 'yes', 'yes'],
  ['feeds.example', 'foreign-host', 'yes'],
  ['FEEDS.example:8443', 'foreign-host', 'yes'],
  ['10.0.0.5', 'foreign-host', 'yes'],
  ['192.168.1.7:4000', 'foreign-host', 'yes'],
  ['[fd00::1]:4000', 'foreign-host', 'yes'],
  ['evil.example:4000', 'foreign-host', 'foreign-host'],
  ['192.168.1.8:4000', 'foreign-host', 'foreign-host'],
  ['localhost.evil.example', 'foreign-host', 'foreign-host'],
  ['evil-localhost', 'foreign-host', 'foreign-host'],
  ['127.0.0.1.evil.example', 'foreign-host', 'foreign-host'],
  ['127.1', 'foreign-host', 'foreign-host'],
  ['127.0.0.256', 'foreign-host', 'foreign-host'],
  ['2130706433', 'foreign-host', 'foreign-host'],
  ['[::2]', 'foreign-host', 'foreign-host'],
  ['[::1', 'foreign-host', 'foreign-host'],
  ['[localhost]', 'foreign-host', 'foreign-host'],
  ['', 'foreign-host', 'foreign-host'],
  [' localhost', 'foreign-host', 'foreign-host'],
  ['localhost:', 'foreign-host', 'foreign-host'],
  ['localhost:port', 'foreign-host', 'foreign-host'],
  ['evil@localhost', 'foreign-host', 'foreign-host'],
  ['localhost/evil', 'foreign-host', 'foreign-host'],
  ['localhost, localhost', 'foreign-host', 'foreign-host'],
];

for (const [host, byDefault, configured] of hosts) {
  test(`Host "${host}": ${byDefault} by default, ${configured} with names allowed`, () => {
    assert.equal(verdict({ hosts: [host] }), byDefault);
    assert.equal(verdict({ hosts: [host] }, opened), configured);
  });
}

test('a service bound to every address answers to addresses, which cannot be rebound, but to no name', () => {
  for (const host of ['0.0.0.0', '::', '0:0::0']) {
    const options = { ...closed, host };
    assert.equal(verdict({ hosts: ['192.168.1.8:4000'] }, options), 'yes');
    assert.equal(verdict({ hosts: ['[fe80::1]:4000'] }, options), 'yes');
    assert.equal(verdict({ hosts: ['evil.example'] }, options), 'foreign-host');
  }
  assert.equal(verdict({ hosts: ['[::1]:4000'] }, { ...closed, host: '::1' }), 'yes');
});

test('no Host, two Hosts, and a target that names a host of its own are refused', () => {
  assert.equal(verdict({ hosts: [] }), 'foreign-host');
  assert.equal(verdict({ hosts: ['localhost', 'localhost'] }), 'foreign-host');
  assert.equal(verdict({ target: 'http://evil.example/feeds/a' }), 'foreign-host');
});

const own = 'http://127.0.0.1:4000';
const page = { fetchMode: 'navigate', fetchDest: 'document' };
const origins: [what: string, asking: Partial<Asking>, verdict: string][] = [
  ['curl, which says nothing', {}, 'yes'],
  ['a typed address', { fetchSite: 'none', ...page }, 'yes'],
  ['our own page that reads', { fetchSite: 'same-origin', fetchMode: 'cors', fetchDest: 'empty' }, 'yes'],
  ['our own page that publishes', { method: 'POST', origin: own, fetchSite: 'same-origin', fetchMode: 'cors' }, 'yes'],
  ['our own page in a browser without Sec-Fetch', { method: 'POST', origin: own }, 'yes'],
  ['our own page at the default port', { hosts: ['localhost:80'], origin: 'http://localhost' }, 'yes'],
  ['our own page behind a proxy that ends TLS', { origin: 'https://127.0.0.1:4000', fetchSite: 'same-origin' }, 'yes'],
  ['another site that publishes', { method: 'POST', origin: 'https://evil.example', fetchSite: 'cross-site' }, 'foreign-origin'],
  ['another site, without Sec-Fetch', { method: 'POST', origin: 'https://evil.example' }, 'foreign-origin'],
  ['another port of localhost', { method: 'POST', origin: 'http://127.0.0.1:4001', fetchSite: 'same-site' }, 'foreign-origin'],
  ['another port, by Sec-Fetch alone', { fetchSite: 'same-site', fetchMode: 'no-cors', fetchDest: 'image' }, 'foreign-origin'],
  ['the same port by another name', { origin: 'http://localhost:4000', fetchSite: 'cross-site' }, 'foreign-origin'],
  ['another scheme, where no browser vouches for it', { origin: 'https://127.0.0.1:4000' }, 'foreign-origin'],
  ['a sandboxed page or file', { origin: 'null', fetchSite: 'cross-site' }, 'foreign-origin'],
  ['origin null without Sec-Fetch', { origin: 'null' }, 'foreign-origin'],
  ['an empty origin', { origin: '' }, 'foreign-origin'],
  ['a forged vouch', { origin: 'https://evil.example', fetchSite: 'same-origin' }, 'foreign-origin'],
  ['a value of Sec-Fetch-Site that is not known', { fetchSite: 'same-origin, cross-site' }, 'foreign-origin'],
  ['an image tag of another site', { fetchSite: 'cross-site', fetchMode: 'no-cors', fetchDest: 'image' }, 'foreign-origin'],
  [
    'an EventSource of another site',
    { origin: 'https://evil.example', fetchSite: 'cross-site', fetchMode: 'cors' },
    'foreign-origin',
  ],
  ['an image tag over plain http, told by Referer alone', { referer: 'http://evil.example/' }, 'foreign-origin'],
  ['our own page over plain http, told by Referer alone', { referer: `${own}/` }, 'yes'],
  ['a link from another site to the page', { target: '/', fetchSite: 'cross-site', ...page }, 'yes'],
  ['a link from another site to the page at a feed', { target: '/?feed=a', fetchSite: 'cross-site', ...page }, 'yes'],
  ['a link from another site to a feed', { fetchSite: 'cross-site', ...page }, 'foreign-origin'],
  [
    'a frame of another site around the page',
    { target: '/', fetchSite: 'cross-site', fetchMode: 'navigate', fetchDest: 'iframe' },
    'foreign-origin',
  ],
  [
    'a form of another site sent to the page',
    { target: '/', method: 'POST', fetchSite: 'cross-site', ...page },
    'foreign-origin',
  ],
  [
    'a fetch of the page by another site',
    { target: '/', fetchSite: 'cross-site', fetchMode: 'cors', fetchDest: 'empty' },
    'foreign-origin',
  ],
];

for (const [what, change, expected] of origins) {
  test(`${what}: ${expected}`, () => assert.equal(verdict(change), expected));
}

test('an origin that is allowed may read and publish, and only that very origin', () => {
  const status = { origin: 'https://status.example', fetchSite: 'cross-site', fetchMode: 'cors' };
  assert.equal(verdict(status, opened), 'cors');
  assert.equal(verdict({ ...status, method: 'POST' }, opened), 'cors');
  assert.equal(verdict({ ...status, hosts: ['evil.example'] }, opened), 'foreign-host');
  for (const origin of [
    'http://status.example',
    'https://status.example:444',
    'https://status.example.evil',
    'https://x.status.example',
  ]) {
    assert.equal(verdict({ ...status, origin }, opened), 'foreign-origin');
  }
  assert.equal(verdict({ fetchSite: 'cross-site', fetchMode: 'no-cors', fetchDest: 'image' }, opened), 'foreign-origin');
});

test('an origin that is allowed may not set what is kept nor remove feeds, unless its pages are our own', () => {
  const status = { origin: 'https://status.example', fetchSite: 'cross-site', fetchMode: 'cors' };
  for (const [method, expected] of [
    ['GET', 'cors'],
    ['HEAD', 'cors'],
    ['POST', 'cors'],
    ['PATCH', 'cors'],
    ['OPTIONS', 'cors'],
    ['PUT', 'foreign-origin'],
    ['DELETE', 'foreign-origin'],
  ] as const)
    assert.equal(verdict({ ...status, method }, opened), expected, method);
  const own = { origin: 'https://feeds.example', fetchSite: 'same-origin', hosts: ['feeds.example'] };
  assert.equal(verdict({ ...own, method: 'DELETE' }, { ...opened, cors: [own.origin] }), 'yes');
});

function build(options: GuardOptions): (app: Express) => void {
  return (app) => {
    app.use(guard(options));
    app.use((_request, response) => void response.end('let in'));
    app.use(answerProblem({ error: () => undefined }));
  };
}

test('what is refused is a 403 problem, and every answer forbids sniffing and embedding', async (t) => {
  const { port } = await serve(t, build(closed));
  const refused = await ask(port, '/feeds/a', { headers: { Host: 'evil.example' } });
  assert.equal(refused.status, 403);
  assert.equal(JSON.parse(refused.body.toString()).code, 'foreign-host');
  const letIn = await ask(port, '/feeds/a');
  assert.equal(letIn.body.toString(), 'let in');
  for (const { headers } of [refused, letIn]) {
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});

test('two Host headers on the wire are refused', async (t) => {
  const { port } = await serve(t, build(closed));
  const socket = connect(port, '127.0.0.1');
  socket.end('GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
  const [head] = await once(socket, 'data');
  assert.match(head.toString(), /^HTTP\/1\.1 40[03] /);
  socket.destroy();
});

test('an allowed origin is named exactly, and told apart by caches', async (t) => {
  const { port } = await serve(t, build(opened));
  const letIn = await ask(port, '/feeds/a', { headers: { Origin: 'https://status.example' } });
  assert.equal(letIn.body.toString(), 'let in');
  assert.equal(letIn.headers['access-control-allow-origin'], 'https://status.example');
  assert.equal(letIn.headers.vary, 'Origin');
  const refused = await ask(port, '/feeds/a', { headers: { Origin: 'https://evil.example' } });
  assert.equal(refused.status, 403);
  assert.equal(refused.headers['access-control-allow-origin'], undefined);
  assert.equal(refused.headers.vary, 'Origin');
});

test('a preflight of an allowed origin may send Last-Event-ID; that of another is refused', async (t) => {
  const { port } = await serve(t, build(opened));
  const preflight = (origin: string) =>
    ask(port, '/feeds/a', {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'last-event-id' },
    });
  const allowed = await preflight('https://status.example');
  assert.equal(allowed.status, 204);
  assert.match(String(allowed.headers['access-control-allow-headers']), /Last-Event-ID/);
  assert.equal(allowed.headers['access-control-allow-methods'], 'GET, HEAD, POST, PATCH');
  assert.match(String(allowed.headers['access-control-allow-headers']), /Content-Type, Idempotency-Key, If-Match, If-None-Match/);
  assert.ok(Number(allowed.headers['access-control-max-age']) > 0);
  assert.equal((await preflight('https://evil.example')).status, 403);
});
