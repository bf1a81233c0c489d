import { text } from 'node:stream/consumers';
import { finished, type Scope, startChild } from '../../test/e2e/child.ts';

/** Where events go: over HTTP, or as lines that are appended to a file or a pipe. */
export type Target = { readonly port: number; readonly path: string; readonly feeds?: number } | { readonly file: string };

export interface Publishing {
  readonly run: number;
  /** Events a second; 0: as fast as they are acknowledged (over HTTP only). */
  readonly rate: number;
  readonly count: number;
  readonly bytes?: number;
  readonly connections?: number;
}

export interface Published {
  readonly published: number;
  readonly seconds: number;
  /** How much later than it was due an event was written, ms. */
  readonly lateP99: number;
  readonly lateMax: number;
  /** From the write to the acknowledgement, ms. */
  readonly waitP50: number;
  readonly waitP99: number;
}

export const EVENT_BYTES = 150;
/** So many publishers, each with one event on the way at most; fewer where they would be idle for long and be closed. */
const CONNECTIONS = { least: 4, most: 32 };

/** Publishes and resolves when all is acknowledged. */
export async function publish(scope: Scope, program: string, target: Target, wanted: Publishing): Promise<Published> {
  const { run, rate, count, bytes = EVENT_BYTES } = wanted;
  const { connections = Math.max(CONNECTIONS.least, Math.min(CONNECTIONS.most, rate)) } = wanted;
  const where = 'file' in target ? ['write', target.file] : ['http', target.port, target.path, target.feeds ?? 1, connections];
  const command = [program, ...where, run, rate, count, bytes].map(String);
  const child = startChild(scope, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no standard output');
  const [output] = await Promise.all([text(child.stdout), finished(child, 'the publisher')]);
  return JSON.parse(output) as Published;
}
