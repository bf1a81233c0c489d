import type { Target } from './publish.ts';

/** A server that is measured: a process with feeds that are published to and read. */
export interface Peer {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** `%d` in the paths is the number of the feed. */
  readonly target: Target;
  readonly readPath: string;
  stop(): Promise<unknown>;
}
