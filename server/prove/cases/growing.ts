import { appendFile } from 'node:fs/promises';
import type { Case, Trial } from '../trial.ts';

/** What every log does. */
export const growingCases: readonly Case[] = [
  { title: 'lines are appended', run: append },
  { title: 'a line is begun, and finished later', run: finishLater },
  { title: 'the file is not there at first', startsMissing: true, run: append },
];

async function append(trial: Trial): Promise<void> {
  await trial.begin();
  for (let round = 0; round < 20; round += 1) await appendFile(trial.path, trial.text(2));
}

async function finishLater(trial: Trial): Promise<void> {
  await trial.begin();
  const line = trial.text(1);
  await appendFile(trial.path, line.slice(0, 3));
  await trial.until(() => trial.live.partialText === line.slice(0, 3));
  await appendFile(trial.path, line.slice(3));
}
