import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished, type Scope, startChild } from '../e2e/child.ts';
import type { Plan } from './plan.ts';

export interface WriterProcess {
  /** `up`: begins to write; later `down`, `up` and `calm` as the service fares. */
  tell(word: 'up' | 'down' | 'calm'): void;
  readonly ended: Promise<void>;
}

/** Starts the program that writes; resolves when all its files are there. */
export async function startWriter(scope: Scope, plans: readonly Plan[], folder: string): Promise<WriterProcess> {
  const plansPath = join(folder, 'plans.json');
  writeFileSync(plansPath, JSON.stringify(plans));
  const command = [process.execPath, '--import', 'tsx', join(import.meta.dirname, 'writer.ts'), plansPath, folder];
  const child = startChild(scope, command, { stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the writer has no pipes');
  // A writer that has ended takes no more words.
  stdin.on('error', () => {});
  await Promise.race([once(stdout, 'data'), once(child, 'exit')]);
  const ended = finished(child, 'the writer');
  ended.catch(() => {});
  return { tell: (word) => void stdin.write(`${word}\n`), ended };
}
