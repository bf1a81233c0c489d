import { appendFile, link, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case, Trial } from '../trial.ts';

export const linkCases: readonly Case[] = [
  { title: 'a link is pointed to another file', destroys: true, run: repointLink },
  { title: 'a link points to nothing for a while', run: dangle },
  { title: 'a second name of the file (hard link) is written to', run: writeToHardLink },
];

async function repointLink(trial: Trial): Promise<void> {
  await linkTo(trial, 'first');
  await trial.begin();
  const second = join(trial.folder, 'second');
  await mkdir(second);
  await writeFile(join(second, 'a.log'), trial.text(5));
  await symlink(join(second, 'a.log'), join(trial.folder, 'next'));
  await rename(join(trial.folder, 'next'), trial.path);
  await trial.seen();
  await appendFile(join(second, 'a.log'), trial.text(5));
}

async function dangle(trial: Trial): Promise<void> {
  const target = await linkTo(trial, 'first');
  await trial.begin();
  await rename(target, `${target}.1`);
  await trial.until(() => trial.live.wasTold({ type: 'feed.gone' }));
  await writeFile(target, trial.text(5));
}

async function writeToHardLink(trial: Trial): Promise<void> {
  await trial.begin();
  const other = join(trial.folder, 'elsewhere');
  await mkdir(other);
  await link(trial.path, join(other, 'b.log'));
  await appendFile(join(other, 'b.log'), trial.text(5));
}

/** Moves the file into a folder and leaves a link to it in its place; answers where it is. */
async function linkTo(trial: Trial, name: string): Promise<string> {
  const target = join(trial.folder, name, 'a.log');
  await mkdir(join(trial.folder, name));
  await rename(trial.path, target);
  await symlink(target, trial.path);
  return target;
}
