import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, type SpawnOptions } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../source/eventually.ts';
import { endChild, type Scope, startChild } from './child.ts';
import { freePort } from './free-port.ts';

/** A limit for hangs: a start takes a second or two on two busy cores. */
const START_DEADLINE_MS = 60_000;
const ROOT = join(import.meta.dirname, '..', '..');

export interface ServiceOptions {
  /** Put before the command: `['taskset', '-c', '0']`. It must become the command (exec), so that the pid is the server's. */
  readonly before?: readonly string[];
  /** Modules that the server's process loads first. */
  readonly imports?: readonly string[];
  /** Even where it has been built: to load hundreds of files at once takes more open files than some tests allow. */
  readonly isFromSources?: boolean;
  /** As whom it runs. */
  readonly uid?: number;
}

/** Starts the real command, as a user does, and resolves when it listens. Ends with `scope`. */
export async function startService(scope: Scope, args: readonly string[], options: ServiceOptions = {}): Promise<Service> {
  const service = new Service(scope, args, options, await freePort());
  await service.start();
  return service;
}

/** The service as it is packed, where a test run has built it. */
function mainOf(imports: readonly string[], isFromSources: boolean): string[] {
  const { LIVEFEED_TEST_MAIN: built } = process.env;
  if (built !== undefined && !isFromSources) return [built];
  return [...[...imports, 'tsx'].flatMap((module) => ['--import', module]), 'server/main.ts'];
}

/** The real command as a process of its own: it can be killed, and started again on the same port. */
export class Service {
  readonly port: number;
  readonly url: string;
  readonly #scope: Scope;
  readonly #command: readonly string[];
  readonly #spawn: SpawnOptions;
  #child: ChildProcess | undefined;
  #output = '';
  /** When it was started last (performance.now). */
  startedAt = 0;

  constructor(
    scope: Scope,
    args: readonly string[],
    { before = [], imports = [], isFromSources = imports.length > 0, uid }: ServiceOptions,
    port: number,
  ) {
    this.#scope = scope;
    this.#spawn = uid === undefined ? {} : { uid, gid: uid };
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#command = [...before, process.execPath, ...mainOf(imports, isFromSources), ...args, '--port', String(port)];
  }

  /** What it has printed since it was started last. */
  get output(): string {
    return this.#output;
  }

  /** The process that listens. */
  get pid(): number {
    const { pid } = this.#running;
    assert.ok(pid !== undefined, 'the service has no process');
    return pid;
  }

  async start(): Promise<void> {
    this.#output = '';
    this.startedAt = performance.now();
    const child = startChild(this.#scope, this.#command, {
      ...this.#spawn,
      cwd: ROOT,
      env: environment(this.port),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    const isUp = () => this.#output.includes(`livefeed is at ${this.url}`);
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    await eventually('the service listens', () => isUp() || hasEnded(), START_DEADLINE_MS);
    assert.ok(isUp() && !hasEnded(), `the service did not start:\n${this.#output}`);
    assert.ok(listens(this.pid, this.port), `process ${this.pid} is not the one that listens on ${this.port}`);
  }

  /** Sends `signal` to the process that listens; resolves with its exit code when it has ended, null where the signal ended it. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#running;
    await endChild(child, signal);
    return child.exitCode;
  }

  /** Asks it to stop; resolves with its exit code. */
  stop(): Promise<number | null> {
    return this.kill('SIGTERM');
  }

  get #running(): ChildProcess {
    assert.ok(this.#child !== undefined, 'the service has not been started');
    return this.#child;
  }
}

/**
 * Ours, without what would configure the service or tell it that it is part of a test run. Who publishes gives --data; the others are
 * not to meet in ./livefeed-data, where somebody has tried publishing here.
 */
function environment(port: number): NodeJS.ProcessEnv {
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('LIVEFEED_') && name !== 'NODE_TEST_CONTEXT');
  return { ...Object.fromEntries(ours), LIVEFEED_DATA: join(tmpdir(), `livefeed-none-${process.pid}-${port}`) };
}

/** Whether `ss` says that `pid` listens on `port`; where there is no `ss`, the child is all there is: it runs in one process. */
function listens(pid: number, port: number): boolean {
  try {
    const sockets = execFileSync('ss', ['-ltnp', `sport = :${port}`], { encoding: 'utf8' });
    return sockets.includes(`pid=${pid},`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}
