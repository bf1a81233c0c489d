import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Express } from 'express';
import { answerProblem } from '../../server/http/answer-problem.ts';
import { type DownloadOptions, downloadRoute } from '../../server/http/download.ts';
import { type Answer, ask, serve } from './serving.ts';

const root = mkdtempSync(join(tmpdir(), 'livefeed-'));
after(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, 'sub'));
const content = Buffer.from(Array.from({ length: 1000 }, (_, index) => `line ${index}\n`).join(''));
writeFileSync(join(root, 'sub/a b.log'), content);
writeFileSync(join(root, 'empty'), '');
writeFileSync(join(root, 'Übersicht.html'), '<script>alert(1)</script>');
symlinkSync('/etc/passwd', join(root, 'passwd'));
const path = '/download/file/sub/a%20b.log';

const failures: unknown[] = [];
function build(options?: DownloadOptions): (app: Express) => void {
  return (app) => {
    app.use(downloadRoute(root, options));
    app.use(answerProblem({ error: (fields) => void failures.push(fields) }));
  };
}

function code(answer: Answer): string {
  return JSON.parse(answer.body.toString()).code;
}

test('a file comes whole, as an attachment of known length that no browser shows', async (t) => {
  const { port } = await serve(t, build());
  const { status, headers, body } = await ask(port, path);
  assert.equal(status, 200);
  assert.ok(body.equals(content));
  assert.equal(headers['content-length'], String(content.length));
  assert.equal(headers['content-type'], 'application/octet-stream');
  assert.equal(headers['content-disposition'], 'attachment; filename="a b.log"');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['accept-ranges'], 'bytes');
  assert.match(String(headers.etag), /^"[^"]+"$/);
  assert.equal(headers['last-modified'], statSync(join(root, 'sub/a b.log')).mtime.toUTCString());
});

test('a name in any script is found, and told to the browser', async (t) => {
  const { port } = await serve(t, build());
  const { headers, body } = await ask(port, '/download/file/%C3%9Cbersicht.html');
  assert.equal(body.toString(), '<script>alert(1)</script>');
  assert.match(String(headers['content-disposition']), /; filename\*=UTF-8''%C3%9Cbersicht\.html$/);
});

test('HEAD answers what GET would, without the file, and knows no ranges', async (t) => {
  const { port } = await serve(t, build());
  const whole = await ask(port, path);
  const head = await ask(port, path, { method: 'HEAD', headers: { Range: 'bytes=5-' } });
  assert.equal(head.status, 200);
  assert.equal(head.body.length, 0);
  for (const name of ['content-length', 'etag', 'content-disposition', 'accept-ranges'])
    assert.equal(head.headers[name], whole.headers[name]);
});

test('a range is sent alone, and says where it lies', async (t) => {
  const { port } = await serve(t, build());
  const size = content.length;
  for (const [range, start, end] of [
    ['bytes=0-0', 0, 1],
    ['bytes=100-199', 100, 200],
    ['bytes=8000-', 8000, size],
    ['bytes=-7', size - 7, size],
  ] as const) {
    const { status, headers, body } = await ask(port, path, { headers: { Range: range } });
    assert.equal(status, 206);
    assert.equal(headers['content-range'], `bytes ${start}-${end - 1}/${size}`);
    assert.equal(headers['content-length'], String(end - start));
    assert.ok(body.equals(content.subarray(start, end)));
  }
});

test('a range outside the file is 416 with the length; several ranges and nonsense get the whole file', async (t) => {
  const { port } = await serve(t, build());
  const outside = await ask(port, path, { headers: { Range: `bytes=${content.length}-` } });
  assert.equal(outside.status, 416);
  assert.equal(outside.headers['content-range'], `bytes */${content.length}`);
  assert.equal(outside.headers.etag, undefined);
  assert.equal(code(outside), 'range-not-satisfiable');
  for (const range of ['bytes=0-1,5-6', 'bytes=x']) {
    const whole = await ask(port, path, { headers: { Range: range } });
    assert.equal(whole.status, 200);
    assert.equal(whole.body.length, content.length);
  }
});

test('a client that holds the file is told so, and one that resumes another version gets the whole of this one', async (t) => {
  const { port } = await serve(t, build());
  const etag = String((await ask(port, path)).headers.etag);
  const unchanged = await ask(port, path, { headers: { 'If-None-Match': etag } });
  assert.equal(unchanged.status, 304);
  assert.equal(unchanged.headers.etag, etag);
  assert.equal(unchanged.body.length, 0);
  assert.equal((await ask(port, path, { headers: { Range: 'bytes=5-', 'If-Range': etag } })).status, 206);
  assert.equal((await ask(port, path, { headers: { Range: 'bytes=5-', 'If-Range': '"other"' } })).status, 200);
  assert.equal((await ask(port, path, { headers: { Range: 'bytes=5-', 'If-Range': `W/${etag}` } })).status, 200);
  const failed = await ask(port, path, { headers: { 'If-Match': '"other"', Range: 'bytes=5-' } });
  assert.equal(failed.status, 412);
  assert.equal(code(failed), 'precondition-failed');
});

test('an empty file is an empty answer', async (t) => {
  const { port } = await serve(t, build());
  const { status, headers, body } = await ask(port, '/download/file/empty');
  assert.deepEqual([status, headers['content-length'], body.length], [200, '0', 0]);
});

test('no way of writing a name leads out of the root, and what is refused looks like what is missing', async (t) => {
  const { port } = await serve(t, build());
  const missing = await ask(port, '/download/file/missing');
  assert.equal(missing.status, 404);
  for (const name of [
    '../x',
    '..%2f..%2fetc/passwd',
    '%2e%2e/x',
    '%2Fetc%2Fpasswd',
    '/etc/passwd',
    'sub%5C..%5Cx',
    'empty%00',
    'passwd',
    'sub',
    'sub/',
  ]) {
    const answer = await ask(port, `/download/file/${name}`);
    assert.equal(answer.status, 404, name);
    assert.ok(answer.body.equals(missing.body), name);
  }
  // What is decoded once is not decoded again.
  assert.equal((await ask(port, '/download/file/%252e%252e%252fempty')).status, 404);
});

test('a name that cannot be read, no name and another method are refused', async (t) => {
  const { port } = await serve(t, build());
  for (const bad of ['/download/file/%E0%A4%A', '/download/file/%FF', '/download/file/', '/download/file']) {
    const answer = await ask(port, bad);
    assert.equal(answer.status, 400, bad);
    assert.equal(code(answer), 'bad-file-name');
  }
  assert.equal((await ask(port, path, { method: 'PUT' })).status, 405);
});

const BIG_BYTES = 256 << 20;

function sparseFile(name: string): string {
  writeFileSync(join(root, name), '');
  truncateSync(join(root, name), BIG_BYTES);
  return join(root, name);
}

/** An answer of which nothing has been read. */
async function begun(port: number, name: string, agent?: Agent): Promise<IncomingMessage> {
  const [response] = await once(
    get({ host: '127.0.0.1', port, path: `/download/file/${name}`, agent: agent ?? false }),
    'response',
  );
  return response.pause();
}

async function untilClosed(file: string): Promise<void> {
  const isOpen = () => readdirSync('/proc/self/fd').some((fd) => linkOf(fd) === file);
  const deadline = performance.now() + 5000;
  while (isOpen()) {
    assert.ok(performance.now() < deadline, 'the handle is still open');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

const linux = { skip: process.platform !== 'linux' && 'reads /proc' };

test('a file that shrinks while it is sent cuts the answer, so that the client can tell', linux, async (t) => {
  const { port } = await serve(t, build());
  const file = sparseFile('shrinks');
  const response = await begun(port, 'shrinks');
  truncateSync(file, 1000);
  await assert.rejects(response.resume().toArray(), { code: 'ECONNRESET' });
  assert.match(String(Object(failures.at(-1)).err), /the file ended at byte \d+/);
  await untilClosed(file);
});

test('a file that grows while it is sent is sent as long as was promised', linux, async (t) => {
  const { port } = await serve(t, build());
  const file = sparseFile('grows');
  const response = await begun(port, 'grows');
  appendFileSync(file, 'more');
  let bytes = 0;
  for await (const chunk of response) bytes += chunk.length;
  assert.equal(bytes, BIG_BYTES);
  await untilClosed(file);
});

test('a client that goes away ends the reading and is no failure', linux, async (t) => {
  const { port } = await serve(t, build());
  const file = sparseFile('left');
  const before = failures.length;
  const response = await begun(port, 'left');
  response.destroy();
  await untilClosed(file);
  assert.equal(failures.length, before);
});

test('a client that takes nothing is cut off after the stall timeout, and not before it', linux, async (t) => {
  const { port } = await serve(t, build({ stallTimeoutMs: 300 }));
  const file = sparseFile('stalled');
  const started = performance.now();
  const response = await begun(port, 'stalled');
  await untilClosed(file);
  assert.ok(performance.now() - started >= 290);
  await assert.rejects(response.resume().toArray(), { code: 'ECONNRESET' });
});

test('downloads follow one another on a kept connection', async (t) => {
  const { port } = await serve(t, build());
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const answers = await Promise.all(['sub/a%20b.log', 'missing', 'sub/a%20b.log'].map((name) => body(port, name, agent)));
  assert.deepEqual(
    answers.map(({ length }) => length),
    [content.length, answers[1]?.length, content.length],
  );
});

async function body(port: number, name: string, agent: Agent): Promise<Buffer> {
  return Buffer.concat(await (await begun(port, name, agent)).toArray());
}

test('many downloads at once each get the bytes of the file', async (t) => {
  const { port } = await serve(t, build());
  const bytes = Buffer.allocUnsafe(5 << 20);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(at, at);
  writeFileSync(join(root, 'numbered'), bytes);
  const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex');
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(port, '/download/file/numbered')));
  for (const answer of answers) assert.equal(digest(answer.body), digest(bytes));
});
