import { appendFile, copyFile, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Case, Trial } from '../trial.ts';

/** What destroys bytes: a reader who has not had them is told so. */
export const destructionCases: readonly Case[] = [
  { title: 'it is copied and truncated', destroys: true, run: copyAndTruncate },
  { title: 'it is copied and truncated while it is written', destroys: true, run: copyAndTruncateUnderLoad },
  { title: 'it is truncated', destroys: true, run: truncateToNothing },
  { title: 'it is truncated and grows longer than before at once', destroys: true, run: truncateAndRegrow },
  { title: 'it is truncated and grows longer than before while nobody follows', destroys: true, run: regrowUnseen },
  { title: 'it is written anew with the same length', destroys: true, run: rewriteSameSize },
  { title: 'it is deleted while nobody follows, and its inode number given to the next', destroys: true, run: reuseInode },
];

const LOAD_MS = 30;
const INODE_ATTEMPTS = 20;

async function copyAndTruncate(trial: Trial): Promise<void> {
  await trial.begin();
  await copyFile(trial.path, `${trial.path}.1`);
  await truncate(trial.path, 0);
  await appendFile(trial.path, trial.text(10));
}

async function copyAndTruncateUnderLoad(trial: Trial): Promise<void> {
  await trial.begin();
  const rotate = async () => {
    await delay(LOAD_MS);
    await copyFile(trial.path, `${trial.path}.1`);
    await truncate(trial.path, 0);
  };
  let isRotated = false;
  const rotating = rotate().finally(() => {
    isRotated = true;
  });
  rotating.catch(() => undefined);
  while (!isRotated) await appendFile(trial.path, trial.text(1));
  await rotating;
  await appendFile(trial.path, trial.text(5));
}

async function truncateToNothing(trial: Trial): Promise<void> {
  await readAndLeaveBehind(trial);
  await truncate(trial.path, 0);
  await appendFile(trial.path, trial.text(2));
}

async function truncateAndRegrow(trial: Trial): Promise<void> {
  await readAndLeaveBehind(trial);
  await writeFile(trial.path, trial.text(30, 20));
}

async function regrowUnseen(trial: Trial): Promise<void> {
  await readAndLeaveBehind(trial);
  await trial.leave();
  await writeFile(trial.path, trial.text(30, 20));
}

/** In place: the length never changes. */
async function rewriteSameSize(trial: Trial): Promise<void> {
  await trial.begin();
  await writeFile(trial.path, trial.text(10), { flag: 'r+' });
}

async function reuseInode(trial: Trial): Promise<void> {
  await readAndLeaveBehind(trial);
  await trial.leave();
  const { ino } = await stat(trial.path, { bigint: true });
  const text = trial.text(10);
  for (let attempt = 0; attempt < INODE_ATTEMPTS; attempt += 1) {
    await unlink(trial.path);
    await writeFile(trial.path, text);
    if ((await stat(trial.path, { bigint: true })).ino === ino) return;
  }
}

/** Five lines that the live reader has, and one who comes back has not. */
async function readAndLeaveBehind(trial: Trial): Promise<void> {
  await trial.begin();
  await appendFile(trial.path, trial.text(5));
  await trial.seen();
}
