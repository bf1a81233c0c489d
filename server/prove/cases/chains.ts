import { createReadStream, createWriteStream } from 'node:fs';
import { rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Case, Trial } from '../trial.ts';

/** Rotators that keep several parts, the older ones compressed: who comes back reads through all of them. */
export const chainCases: readonly Case[] = [
  { title: 'its parts are numbered and compressed (.1, .2.gz, .3.gz)', run: numbered },
  { title: 'its parts are numbered and compressed while nobody follows', run: numberedUnseen },
  { title: 'its parts are dated and compressed (-20261121.gz) while nobody follows', run: datedUnseen },
];

async function numbered(trial: Trial): Promise<void> {
  await trial.begin();
  for (let round = 0; round < 3; round += 1) {
    await rotateNumbers(trial, round);
    await trial.seen();
  }
}

async function numberedUnseen(trial: Trial): Promise<void> {
  await trial.begin();
  await trial.leave();
  for (let round = 0; round < 3; round += 1) await rotateNumbers(trial, round);
}

async function datedUnseen(trial: Trial): Promise<void> {
  await trial.begin();
  await trial.leave();
  for (const date of ['20261121', '20261122', '20261123']) {
    const part = `${trial.path}-${date}`;
    await rename(trial.path, part);
    await writeFile(trial.path, trial.text(5));
    if (date !== '20261123') await compress(part, `${part}.gz`);
  }
}

/** As logrotate does with `delaycompress`: the newest part stays as it is for one round. */
async function rotateNumbers(trial: Trial, round: number): Promise<void> {
  const { path } = trial;
  if (round > 1) await rename(`${path}.2.gz`, `${path}.3.gz`);
  if (round > 0) await compress(`${path}.1`, `${path}.2.gz`);
  await rename(path, `${path}.1`);
  await writeFile(path, trial.text(5));
}

/** As gzip does: the archive gets the times of what was compressed, which goes. */
async function compress(from: string, to: string): Promise<void> {
  const { atime, mtime } = await stat(from);
  await pipeline(createReadStream(from), createGzip(), createWriteStream(to));
  await utimes(to, atime, mtime);
  await unlink(from);
}
