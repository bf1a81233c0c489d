import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, existsSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../source/eventually.ts';
import { type Scope, startChild } from './child.ts';
import { curlCommand } from './curl-readers.ts';
import { scratchFolder } from './scratch.ts';
import { startService } from './service.ts';

const MIB = 1024 * 1024;
const WARM_UP_BYTES = 64_000_000;
const APPENDED_BYTES = 200_000_000;
const MOST_GROWTH_BYTES = 32 * MIB;
const LINE_BYTES = 500;
const LINES_A_WRITE = 2_000;

const skip = existsSync('/proc/self/statm') ? false : 'the memory of another process is read from /proc';

test('a reader that stops for a while costs the service no memory, and gets every line once it reads on', { skip }, async (t) => {
  const folder = scratchFolder();
  const file = join(folder, 'fast.log');
  writeFileSync(file, '');
  const service = await startService(t, [file]);
  const url = `${service.url}/feeds/fast.log?since=start`;
  const quick = readIntoFile(t, url, join(folder, 'quick'));
  const slow = readIntoFile(t, url, join(folder, 'slow'));
  const expected = createHash('sha256');
  await append(file, WARM_UP_BYTES, expected);
  await eventually('both have the first lines', () => quick.bytes() === WARM_UP_BYTES && slow.bytes() === WARM_UP_BYTES, 30_000);

  slow.stop();
  const before = residentBytes(service.pid);
  const sampling = sampleMost(() => residentBytes(service.pid));
  await append(file, APPENDED_BYTES, expected);
  const all = WARM_UP_BYTES + APPENDED_BYTES;
  await eventually('the quick one has all', () => quick.bytes() === all, 60_000);
  assert.ok(slow.bytes() < WARM_UP_BYTES + APPENDED_BYTES / 2, 'the slow one had stopped');
  slow.goOn();
  await eventually('the slow one has all', () => slow.bytes() >= all, 60_000);
  const growth = sampling.end() - before;

  t.diagnostic(`memory before ${(before / MIB).toFixed(0)} MiB, grew by at most ${(growth / MIB).toFixed(1)} MiB`);
  const sha256 = expected.digest('hex');
  assert.equal(await hashOf(slow.path), sha256, 'the slow one has every line once');
  assert.equal(await hashOf(quick.path), sha256, 'the quick one has every line once');
  assert.ok(growth <= MOST_GROWTH_BYTES, `memory grew by ${(growth / MIB).toFixed(1)} MiB`);
});

/** Reads with a curl that can be stopped as a whole: its socket fills, and nobody takes anything out. */
function readIntoFile(scope: Scope, url: string, path: string) {
  const file = openSync(path, 'w');
  const child = startChild(scope, curlCommand(url), { stdio: ['ignore', file, 'inherit'] });
  closeSync(file);
  return {
    path,
    bytes: () => statSync(path).size,
    stop: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
  };
}

let number = 0;

/** Appends numbered lines, about 40 MB a second. */
async function append(path: string, bytes: number, hash: ReturnType<typeof createHash>): Promise<void> {
  const file = openSync(path, 'a');
  for (let written = 0; written < bytes; ) {
    const block = Buffer.from(Array.from({ length: LINES_A_WRITE }, numberedLine).join(''));
    writeSync(file, block);
    hash.update(block);
    written += block.length;
    await delay(25);
  }
  closeSync(file);
}

function numberedLine(): string {
  number += 1;
  return `${number} `.padEnd(LINE_BYTES - 1, 'abcdefgh ').concat('\n');
}

/** What the process holds in memory, as the kernel counts it. */
function residentBytes(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return Number(pages) * 4096;
}

function sampleMost(sample: () => number): { end(): number } {
  let most = sample();
  const timer = setInterval(() => {
    most = Math.max(most, sample());
  }, 50);
  return {
    end: () => {
      clearInterval(timer);
      return most;
    },
  };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
