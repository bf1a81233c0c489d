import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a test and a benchmark have in common: a moment at which everything they started is to end. */
export interface Scope {
  after(end: () => Promise<void>): void;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a process that does not outlive `scope`, nor this process. */
export function startChild(scope: Scope, command: readonly string[], options: SpawnOptions): ChildProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  scope.after(() => endChild(child, 'SIGKILL'));
  return child;
}

/** Sends the signal and waits until the process has ended; nothing where it has ended already. */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** Resolves when the process has ended by itself; rejects where it ended with anything but 0. */
export async function finished(child: ChildProcess, what: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`${what} ended with ${child.exitCode ?? child.signalCode}`);
}
