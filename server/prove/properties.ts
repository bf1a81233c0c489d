import { appendFile, mkdir, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pollReason } from '../source/watch/file-system.ts';
import { Limits } from '../source/watch/limits.ts';
import { startWatch } from '../source/watch/start-watch.ts';

/** What a file system is like, as far as tailing cares, in words: what, and what was found. */
export type Property = readonly [name: string, words: string];

const WAKE_DEADLINE_MS = 2_000;
const INODES = 20;
const STEPS = 5;
const STEPS_DEADLINE_MS = 3_000;

/** `poll`: the engine is told not to watch. */
export async function propertiesOf(scratch: string, poll: boolean): Promise<Property[]> {
  const folder = join(scratch, 'properties');
  await mkdir(folder);
  return Promise.all([
    describe('watching', watching(folder, poll)),
    describe('inode numbers', inodeNumbers(folder)),
    describe('birth times', birthTimes(folder)),
    describe('times of change', timesOfChange(folder)),
  ]);
}

async function describe(name: string, words: Promise<string>): Promise<Property> {
  return [name, await words];
}

/** Whether the system tells of an append, and how soon; and whether that will be relied upon. */
async function watching(folder: string, poll: boolean): Promise<string> {
  const reason = poll ? 'asked for (--poll)' : await pollReason(folder);
  const wakes = await timeToWake(join(folder, 'wake')).then(wakeWords, (error: NodeJS.ErrnoException) => {
    return `it cannot be watched, so it is polled: ${Limits.wordsFor(error) ?? error.code ?? error.message}`;
  });
  return reason === undefined ? wakes : `${wakes}; polled all the same: ${reason}`;
}

function wakeWords(wokenMs: number | undefined): string {
  if (wokenMs !== undefined) return `a watch tells of an append after ${wokenMs.toFixed(1)} ms`;
  return `a watch does NOT tell of an append within ${WAKE_DEADLINE_MS / 1_000} s: follow what is here with --poll`;
}

async function timeToWake(folder: string): Promise<number | undefined> {
  await mkdir(folder);
  const path = join(folder, 'a.log');
  await writeFile(path, '');
  const aborting = new AbortController();
  const woken = new Promise<number>((resolve, reject) => {
    const watcher = startWatch(folder, () => resolve(performance.now()));
    watcher.on('error', reject);
    aborting.signal.addEventListener('abort', () => void watcher.close());
  });
  try {
    const startedAt = performance.now();
    await appendFile(path, 'a line\n');
    const at = await Promise.race([woken, delay(WAKE_DEADLINE_MS, undefined, { signal: aborting.signal })]);
    return at === undefined ? undefined : at - startedAt;
  } finally {
    aborting.abort();
  }
}

/** Whether a file that is made just after another was deleted gets its number. */
async function inodeNumbers(folder: string): Promise<string> {
  const path = join(folder, 'inode');
  let reused = 0;
  let before: bigint | undefined;
  for (let round = 0; round <= INODES; round += 1) {
    await writeFile(path, '');
    const { ino } = await stat(path, { bigint: true });
    if (ino === before) reused += 1;
    before = ino;
    await unlink(path);
  }
  if (reused === 0) return `are not given away again soon (0 of ${INODES})`;
  return `are given to the next file at once (${reused} of ${INODES}): files are told apart by their content`;
}

async function birthTimes(folder: string): Promise<string> {
  const path = join(folder, 'birth');
  await writeFile(path, '');
  const { birthtimeNs } = await stat(path, { bigint: true });
  await delay(20);
  await appendFile(path, 'a line\n');
  const later = await stat(path, { bigint: true });
  if (birthtimeNs === 0n) return 'are not kept';
  return later.birthtimeNs === birthtimeNs ? 'are kept' : 'are not kept: they move with each change';
}

/** The smallest step that was seen between two writes: what changes within one cannot be told by its time. */
async function timesOfChange(folder: string): Promise<string> {
  const path = join(folder, 'change');
  const deadline = performance.now() + STEPS_DEADLINE_MS;
  const steps: number[] = [];
  let before: bigint | undefined;
  while (steps.length < STEPS && performance.now() < deadline) {
    await appendFile(path, '.');
    const { mtimeNs } = await stat(path, { bigint: true });
    if (before !== undefined && mtimeNs !== before) steps.push(Number(mtimeNs - before) / 1e6);
    before = mtimeNs;
  }
  if (steps.length === 0) return `did not change in ${STEPS_DEADLINE_MS / 1_000} s of writes`;
  return `go in steps of ${Math.min(...steps).toFixed(1)} ms or less`;
}
