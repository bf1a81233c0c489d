import type { Readable } from 'node:stream';
import type { MemoryLog } from '../feed/memory-log.ts';
import { inSeconds } from './in-seconds.ts';
import { pourLines } from './pour-lines.ts';

export interface StdinOptions {
  readonly log: MemoryLog;
  readonly signal: AbortSignal;
  readonly input?: Readable;
  readonly partialTimeoutMs?: number;
}

/**
 * Makes each line of standard input an event. Its end, or its failure, is an event of type `end`; the feed stays, and so does the
 * service. Resolves once nothing more is read; never rejects.
 */
export async function startStdin({ input = process.stdin, ...options }: StdinOptions): Promise<void> {
  const { log, signal } = options;
  const start = performance.now();
  try {
    const count = await pourLines(input, options);
    const lines = count === 1 ? '1 line' : `${count} lines`;
    if (!signal.aborted) log.append(`standard input ended after ${lines} and ${inSeconds(performance.now() - start)}`, 'end');
  } catch (error) {
    log.append(`standard input cannot be read any more: ${error instanceof Error ? error.message : error}`, 'end');
  }
}
