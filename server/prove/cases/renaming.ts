import { appendFile, copyFile, rename, unlink, writeFile } from 'node:fs/promises';
import type { Case, Trial } from '../trial.ts';

/** What becomes of a file that is renamed, replaced or deleted while it is followed. */
export const renamingCases: readonly Case[] = [
  { title: 'it is renamed and made anew', run: renameAndCreate },
  { title: 'its writer goes on in the renamed file for a moment', run: writeOnAfterRename },
  { title: 'late lines come to the renamed file', run: lateLines },
  { title: 'its unfinished last line is finished after the rename', run: unfinishedAcrossRename },
  { title: 'it is rotated twice between two looks', run: twiceAtOnce },
  { title: 'it is renamed and made anew with the same first kilobyte', run: sameBeginning },
  { title: 'it is replaced by a rename over it', destroys: true, run: replace },
  { title: 'it is replaced by a rename over it, with a backup beside it', run: replaceWithBackup },
  { title: 'it is deleted and made anew at once', destroys: true, run: deleteAndCreate },
  { title: 'it is deleted, and made anew after a while', destroys: true, run: deleteAndCreateLater },
];

async function renameAndCreate(trial: Trial): Promise<void> {
  await trial.begin();
  await rename(trial.path, `${trial.path}.1`);
  await writeFile(trial.path, trial.text(10));
}

async function writeOnAfterRename(trial: Trial): Promise<void> {
  await trial.begin();
  await rename(trial.path, `${trial.path}.1`);
  await appendFile(`${trial.path}.1`, trial.text(5));
  await writeFile(trial.path, '');
  await appendFile(`${trial.path}.1`, trial.text(5));
  await trial.seen();
  await appendFile(trial.path, trial.text(5));
}

async function lateLines(trial: Trial): Promise<void> {
  await trial.begin();
  await rename(trial.path, `${trial.path}.1`);
  await writeFile(trial.path, trial.text(10));
  await trial.seen();
  await appendFile(`${trial.path}.1`, trial.lateText(3));
  await trial.until(() => trial.live.wasTold({ reason: 'late' }));
}

async function unfinishedAcrossRename(trial: Trial): Promise<void> {
  await trial.begin();
  const line = trial.text(1);
  await appendFile(trial.path, line.slice(0, 3));
  await rename(trial.path, `${trial.path}.1`);
  await writeFile(trial.path, '');
  await appendFile(`${trial.path}.1`, line.slice(3));
  await trial.seen();
  await appendFile(trial.path, trial.text(5));
}

async function twiceAtOnce(trial: Trial): Promise<void> {
  await trial.begin();
  await rename(trial.path, `${trial.path}.1`);
  await writeFile(trial.path, trial.text(5));
  await rename(`${trial.path}.1`, `${trial.path}.2`);
  await rename(trial.path, `${trial.path}.1`);
  await writeFile(trial.path, trial.text(5));
}

async function sameBeginning(trial: Trial): Promise<void> {
  const banner = 'the banner '.repeat(100);
  await trial.begin(trial.line(banner) + trial.text(5));
  await rename(trial.path, `${trial.path}.1`);
  await writeFile(trial.path, trial.line(banner) + trial.text(5));
}

async function replace(trial: Trial): Promise<void> {
  await trial.begin();
  await appendFile(trial.path, trial.text(5));
  await trial.seen();
  await writeFile(`${trial.path}.new~`, trial.text(10));
  await rename(`${trial.path}.new~`, trial.path);
}

async function replaceWithBackup(trial: Trial): Promise<void> {
  await trial.begin();
  await appendFile(trial.path, trial.text(5));
  await trial.seen();
  await copyFile(trial.path, `${trial.path}.1`);
  await writeFile(`${trial.path}.new~`, trial.text(10));
  await rename(`${trial.path}.new~`, trial.path);
}

async function deleteAndCreate(trial: Trial): Promise<void> {
  await trial.begin();
  await appendFile(trial.path, trial.text(5));
  await unlink(trial.path);
  await writeFile(trial.path, trial.text(10));
}

async function deleteAndCreateLater(trial: Trial): Promise<void> {
  await trial.begin();
  await unlink(trial.path);
  await trial.until(() => trial.live.wasTold({ type: 'feed.gone' }));
  await writeFile(trial.path, trial.text(10));
}
