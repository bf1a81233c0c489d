import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { MemoryLog } from '../feed/memory-log.ts';
import { inSeconds } from './in-seconds.ts';
import { pourLines } from './pour-lines.ts';
import { endGroup, killAtExit, untilGroupGone } from './process-group.ts';

const PATIENCE_MS = 3000;
// What the command has left in the background may hold its output open for ever.
const LAST_OUTPUT_MS = 500;
/** Something in the background may go on talking for ever. */
const MAX_LAST_OUTPUT_MS = 5_000;

export interface CommandOptions {
  /** What people call it: the feed's name. */
  readonly name: string;
  /** A line of shell. */
  readonly command: string;
  readonly log: MemoryLog;
  /** Ends the command and all that it has started: SIGTERM, after 3 s SIGKILL, which comes at once where our process exits before. */
  readonly signal: AbortSignal;
  /** Told once, in words that begin with the name, when the command has exited by itself or could not be started. */
  readonly onExit?: (words: string) => void;
  readonly partialTimeoutMs?: number;
}

export interface RunningCommand {
  /** Its process group; undefined where it could not be started. */
  readonly pid: number | undefined;
  /** Resolves once nothing of the command is left to end or to read; never rejects. */
  readonly ended: Promise<void>;
}

type Child = ChildProcessByStdio<null, Readable, null>;

/**
 * Runs a command whose lines are events: both its outputs, in the order in which it writes them, as a terminal shows them. Its exit is
 * an event of type `exit`. It is not started again.
 */
export function startCommand(options: CommandOptions): RunningCommand {
  if (options.signal.aborted) return { pid: undefined, ended: Promise.resolve() };
  try {
    const child = spawnShell(options.command);
    return { pid: child.pid, ended: run(child, options) };
  } catch (error) {
    tellExit(notStarted(error), options);
    return { pid: undefined, ended: Promise.resolve() };
  }
}

/**
 * The outer shell joins standard error to standard output and becomes the inner one, so the command's text stays as it is. A group of
 * its own can be ended as a whole, and Ctrl-C in our terminal does not reach it.
 */
function spawnShell(command: string): Child {
  const join = 'exec /bin/sh -c "$0" 2>&1';
  return spawn('/bin/sh', ['-c', join, command], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function run(child: Child, options: CommandOptions): Promise<void> {
  const { signal } = options;
  const reading = new AbortController();
  const poured = pourLines(child.stdout, { ...options, signal: reading.signal }).catch(() => 0);
  const lastOutput = (): Promise<void> => untilEndedOrQuiet(poured, options.log);
  let group = child.pid;
  const letBe = group === undefined ? () => undefined : killAtExit(group);
  let stopped = Promise.resolve();
  const stop = async (): Promise<void> => {
    if (group !== undefined) await endGroup(group, PATIENCE_MS);
    await lastOutput();
    reading.abort();
  };
  const onAbort = (): void => {
    stopped = stop();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const words = await exitOf(child, signal);
  await lastOutput();
  tellExit(words, options);
  if (group !== undefined) await untilGroupGone(group, signal);
  if (!signal.aborted) {
    group = undefined;
    letBe();
  }
  await poured;
  await stopped;
  letBe();
  signal.removeEventListener('abort', onAbort);
}

/** Output that is still coming is waited for; the pipe may be held open for ever by what the command has left in the background. */
async function untilEndedOrQuiet(poured: Promise<unknown>, log: MemoryLog): Promise<void> {
  const ended = poured.then(() => true);
  const deadline = performance.now() + MAX_LAST_OUTPUT_MS;
  for (let seen = -1; seen !== log.stats.eventsAppended && performance.now() < deadline; ) {
    seen = log.stats.eventsAppended ?? 0;
    if (await Promise.race([ended, delay(LAST_OUTPUT_MS, false, { ref: false })])) return;
    // On a busy machine the timer may be served before the bytes that came first: give them their turn.
    await nextTurn();
  }
}

function tellExit(words: string, { name, log, signal, onExit }: CommandOptions): void {
  log.append(words, 'exit');
  if (!signal.aborted) onExit?.(`${name} ${words}`);
}

/** How the command went, in words. */
function exitOf(child: Child, signal: AbortSignal): Promise<string> {
  const start = performance.now();
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(notStarted(error)));
    child.once('exit', (code, killedBy) => {
      const how = killedBy === null ? `exited with code ${code}` : `was ended by ${killedBy}`;
      const why = signal.aborted ? 'the service stops' : 'it is not started again';
      resolve(`${how} after ${inSeconds(performance.now() - start)}; ${why}`);
    });
  });
}

function notStarted(error: unknown): string {
  return `could not be started: ${error instanceof Error ? error.message : error}`;
}
