import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Put before the server's command, so that it runs on the first core alone; empty where processes cannot be pinned. */
export function pinServerAndLoad(): readonly string[] {
  if (availableParallelism() < 2) return [];
  try {
    // All threads of this process, and whatever it starts from here on, go to the second core.
    execFileSync('taskset', ['-a', '-cp', '1', String(process.pid)], { stdio: 'ignore' });
    return ['taskset', '-c', '0'];
  } catch {
    return [];
  }
}
