import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './alive.ts';
import { type Command, environment, listening, ROOT, run, watch } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'livefeed-main-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'a.log'), 'a line\n');
const LIMIT = { timeout: 60_000 };

test('--help tells how to use it, --version which one it is, and neither starts a service', LIMIT, async (t) => {
  const [help, version] = [run(t, ['--help', '--prot']), run(t, ['-V'])];
  assert.equal(await help.ended, 0);
  assert.match(help.stdout(), /^Usage: livefeed \[options\]/);
  assert.equal(await version.ended, 0);
  const { version: packed } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.equal(version.stdout(), `livefeed ${packed}\n`);
});

test('a wrong option or path is one sentence on stderr and exit status 2', LIMIT, async (t) => {
  for (const [args, sentence] of [
    [['--prot', '1'], 'livefeed: unknown option --prot: did you mean --port?\n'],
    [['nowhere.log'], `livefeed: ${folder}/nowhere.log is not there (--wait waits for it)\n`],
    [['--host', '0.0.0.0'], /^livefeed: --host 0\.0\.0\.0 lets other machines read [^\n]*\n$/],
  ] as const) {
    const { ended, stdout, stderr } = run(t, args, { cwd: folder });
    assert.equal(await ended, 2);
    assert.equal(stdout(), '');
    if (typeof sentence === 'string') assert.equal(stderr(), sentence);
    else assert.match(stderr(), sentence);
  }
});

test('it says where it listens, what it follows, and how to stop', LIMIT, async (t) => {
  const env = { SSH_CONNECTION: '192.0.2.7 50000 192.0.2.1 2222' };
  const command = run(t, ['--port', '0', 'a.log', '--exec', 'up=echo hello'], { cwd: folder, env });
  const url = await listening(command);
  const { port } = new URL(url);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.match(command.stdout(), new RegExp(`ssh -L ${port}:127\\.0\\.0\\.1:${port} -p 2222 \\S+192\\.0\\.2\\.1\\n`));
  assert.match(command.stdout(), new RegExp(` a\\.log {2}${folder}/a\\.log\n`));
  assert.match(command.stdout(), / up {2}echo hello\n/);
  assert.match(command.stdout(), /Stop with Ctrl-C/);
  assert.ok(!command.stdout().includes('\u001B'), 'colours only on a terminal');
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
});

test('with --wait, a file that is not there yet is followed once it is', LIMIT, async (t) => {
  const command = run(t, ['--port', '0', '--wait', 'later.log'], { cwd: folder });
  const url = await listening(command);
  const stream = await fetch(`${url}/feeds/later.log`);
  assert.equal(stream.status, 200);
  writeFileSync(join(folder, 'later.log'), 'here\n');
  const { value } = (await stream.body?.pipeThrough(new TextDecoderStream()).getReader().read()) ?? {};
  assert.equal(value, 'here\n');
});

test('a port that is taken is said, with what to try', LIMIT, async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { ended, stderr } = run(t, ['--port', String(port)]);
  assert.equal(await ended, 1);
  assert.equal(stderr(), `livefeed: port ${port} of 127.0.0.1 is taken: try another --port, or --port 0 for any free one\n`);
});

test('SIGTERM ends a stream that is being read politely, and exits 0', LIMIT, async (t) => {
  const command = run(t, ['--port', '0', 'a.log'], { cwd: folder });
  const url = await listening(command);
  const curl = watch(t, spawn('curl', ['-sN', '-H', 'Accept: text/event-stream', `${url}/feeds/a.log?since=start`]));
  await seen(curl, /data: a line\n/);
  command.process.kill('SIGTERM');
  assert.equal(await command.ended, 0);
  assert.equal(await curl.ended, 0, 'curl got the whole of a chunked answer');
  assert.match(curl.stdout(), /event: feed\.closing\n[\s\S]*"reason":"shutdown"/);
  assert.equal(command.stderr(), '');
});

test('SIGINT twice within a moment, as npm and the terminal send it, is one polite stop', LIMIT, async (t) => {
  const command = run(t, ['--port', '0', 'a.log'], { cwd: folder });
  const url = await listening(command);
  const curl = watch(t, spawn('curl', ['-sN', `${url}/feeds/a.log?since=start`]));
  await seen(curl, /a line\n/);
  command.process.kill('SIGINT');
  command.process.kill('SIGINT');
  assert.equal(await command.ended, 0);
  assert.equal(await curl.ended, 0);
});

test('a signal while it starts ends it, and what it runs already', LIMIT, async (t) => {
  const many = join(folder, 'many');
  for (let number = 0; number < 300; number += 1) {
    mkdirSync(join(many, `${number}`), { recursive: true });
    writeFileSync(join(many, `${number}`, 'a.log'), '');
  }
  const pids = join(folder, 'pids');
  const job = `job=sleep 600 & echo $! >${pids}; kill -TERM $PPID; wait`;
  const command = run(t, ['--port', '0', '--exec', job, many], { cwd: folder });
  const status = await command.ended;
  assert.ok(status === 143 || status === 0, `${status}: 0 where it had started before the signal came`);
  const left = Number(readFileSync(pids, 'utf8'));
  assert.ok(left > 0);
  t.after(() => isAlive(left) && process.kill(left, 'SIGKILL'));
  await eventually('it is gone', async () => !isAlive(left));
});

test('a reader of its output that goes away does not end it', LIMIT, async (t) => {
  const port = await freePort();
  const command = run(t, ['--port', String(port), 'a.log'], { cwd: folder });
  command.process.stdout?.destroy();
  await eventually('the service answers', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    return answer?.status === 200;
  });
  command.process.kill('SIGTERM');
  assert.equal(await command.ended, 0);
});

test('npm start finds paths where the user stands, and SIGTERM to npm leaves nothing running', LIMIT, async (t) => {
  const args = ['start', '--silent', '--prefix', ROOT, '--', '--port', '0', 'a.log'];
  const npm = watch(t, spawn('npm', args, { cwd: folder, env: environment() }));
  const url = await listening(npm);
  assert.match(npm.stdout(), new RegExp(` a\\.log {2}${folder}/a\\.log\n`));
  npm.process.kill('SIGTERM');
  await npm.ended;
  await eventually('nothing listens any more', () =>
    fetch(`${url}/healthz`).then(
      () => false,
      () => true,
    ),
  );
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) assert.fail(`in 20 s: ${what}`);
    await delay(20);
  }
}

async function seen(command: Command, text: RegExp): Promise<void> {
  await eventually(`${text} is printed`, async () => text.test(command.stdout()));
}
