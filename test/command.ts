/** Runs the real command as a process, and ends what a test leaves running. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export const ROOT = join(import.meta.dirname, '..');
const START_LIMIT_MS = 30_000;

export interface Command {
  readonly process: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/**
 * Starts `livefeed ARGS`: as the suite has built it, else from its sources, and these where they are changed as they are loaded
 * (NODE_OPTIONS). Variables of the outside that are ours do not reach it.
 */
export function run(t: TestContext, args: readonly string[], options: SpawnOptions = {}): Command {
  const built = options.env?.NODE_OPTIONS === undefined ? process.env.LIVEFEED_TEST_MAIN : undefined;
  const sources = ['--import', import.meta.resolve('tsx'), join(ROOT, 'server', 'main.ts')];
  const node = [...(built === undefined ? sources : [join(ROOT, built)]), ...args];
  return watch(
    t,
    spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'pipe'], ...options, env: environment(options.env) }),
  );
}

/** Starts any program; killed after the test where it is still there. */
export function watch(t: TestContext, child: ChildProcess): Command {
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => (code ?? signal) as number | string);
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  return { process: child, stdout, stderr, ended };
}

/** Waits for the banner and returns the address in it. */
export async function listening({ stdout, stderr, process: child, ended }: Command): Promise<string> {
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const over = ended.then((status) => Promise.reject(new Error(`ended with ${status}: ${stderr()}`)));
  over.catch(() => undefined);
  for (;;) {
    const [, url] = /is at (http:\S+)\n[\s\S]*Stop with/.exec(stdout()) ?? [];
    if (url !== undefined) return url;
    if (child.stdout !== null) await Promise.race([once(child.stdout, 'data', { signal: limit }), over]);
  }
}

export function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const outside = Object.entries(process.env).filter(
    ([name]) => !/^(?:LIVEFEED_|npm_|INIT_CWD$|SSH_CONNECTION$|NODE_TEST_CONTEXT$)/.test(name),
  );
  return { ...Object.fromEntries(outside), ...more };
}

function collect(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
