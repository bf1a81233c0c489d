import assert from 'node:assert/strict';
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';

const SIZE = 3 * 1024 ** 3;
const MIB = 1 << 20;
/** What curl writes to the disk is no hole: all of the 3 GB in long runs only (`npm run soak`). */
const RESUMED_SIZE = Number(process.env.LIVEFEED_RESUMED_MIB ?? 512) * MIB;
const MAX_GROWTH = 50_000_000;

const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
const file = join(folder, 'large.bin');
after(() => rmSync(folder, { recursive: true }));

/** A hole that says at every MiB where it is: bytes in the wrong place cannot hash to the right sum. */
function stampOffsets(path: string, size: number): void {
  const fd = openSync(path, 'w');
  const stamp = Buffer.alloc(8);
  for (let at = 0; at < size; at += MIB) {
    stamp.writeBigUInt64BE(BigInt(at));
    writeSync(fd, stamp, 0, stamp.length, at);
  }
  ftruncateSync(fd, size);
  closeSync(fd);
}

async function startServer(): Promise<{ url: string; child: ChildProcess }> {
  const child = fork(join(import.meta.dirname, 'download-server.ts'), [folder], { execArgv: ['--import', 'tsx'] });
  after(() => child.kill());
  const [port] = await once(child, 'message');
  return { url: `http://127.0.0.1:${port}/download/file/large.bin`, child };
}

async function rssBytes({ pid }: ChildProcess): Promise<number> {
  if (process.platform === 'linux')
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) * 1024;
}

/** The resident memory of the process, looked at every 100 ms until asked for. */
function sampleRss(child: ChildProcess): () => Promise<number[]> {
  const samples: Promise<number>[] = [rssBytes(child)];
  const timer = setInterval(() => samples.push(rssBytes(child)), 100);
  return () => {
    clearInterval(timer);
    return Promise.all([...samples, rssBytes(child)]);
  };
}

function growth(samples: number[]): number {
  return Math.max(...samples) - (samples[0] ?? 0);
}

/** Another program over the file's bytes: what it says does not rest on anything of ours. */
const SHA256 = `
  const hash = require('node:crypto').createHash('sha256');
  require('node:fs').createReadStream(process.argv[1], { highWaterMark: 1 << 20 })
    .on('data', (bytes) => hash.update(bytes)).on('end', () => process.stdout.write(hash.digest('hex')));`;

async function sha256OfFile(path: string): Promise<string> {
  return (await promisify(execFile)(process.execPath, ['-e', SHA256, path])).stdout;
}

async function sha256OverTheWire(url: string): Promise<string> {
  const [response] = await once(get(url), 'response');
  assert.equal(response.headers['content-length'], String(SIZE));
  const hash = createHash('sha256');
  for await (const chunk of response) hash.update(chunk);
  return hash.digest('hex');
}

test('3 GB come over the wire as they are on disk, and the service grows by less than 50 MB', async (t) => {
  stampOffsets(file, SIZE);
  const { url, child } = await startServer();
  await fetch(url, { method: 'HEAD' });
  const samples = sampleRss(child);
  const received = await sha256OverTheWire(url);
  const seen = await samples();
  assert.equal(received, await sha256OfFile(file));
  assert.ok(growth(seen) < MAX_GROWTH, `grew by ${growth(seen)} bytes`);
  t.diagnostic(`${seen.length} samples; resident memory grew by ${(growth(seen) / 1e6).toFixed(1)} MB`);
});

test('curl that is killed in the middle resumes with -C -, and ends with the very file', async (t) => {
  stampOffsets(file, RESUMED_SIZE);
  const { url, child } = await startServer();
  await fetch(url, { method: 'HEAD' });
  const samples = sampleRss(child);
  const target = join(folder, 'received.bin');
  const killed = spawn('curl', ['--silent', '--fail', '--limit-rate', '600M', '--output', target, url], { stdio: 'ignore' });
  const exited = once(killed, 'exit');
  while ((statSync(target, { throwIfNoEntry: false })?.size ?? 0) < 100 * MIB) {
    assert.equal(killed.exitCode, null, 'curl ended before it was killed');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  killed.kill('SIGKILL');
  await exited;
  const cutAt = statSync(target).size;
  assert.ok(cutAt < RESUMED_SIZE, 'nothing was left to resume');

  const { stdout } = await promisify(execFile)('curl', [
    ...['--silent', '--show-error', '--fail', '--continue-at', '-', '--output', target],
    ...['--write-out', '%{http_code} %{size_download}', url],
  ]);
  assert.equal(stdout, `206 ${RESUMED_SIZE - cutAt}`);
  await promisify(execFile)('cmp', [file, target]);
  const seen = await samples();
  assert.ok(growth(seen) < MAX_GROWTH, `grew by ${growth(seen)} bytes`);
  t.diagnostic(`cut at ${cutAt}; ${seen.length} samples; resident memory grew by ${(growth(seen) / 1e6).toFixed(1)} MB`);
});
