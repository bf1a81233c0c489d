import { execFileSync } from 'node:child_process';
import type { Bench } from './bench.ts';

/** How fast the server's core is now, and how much of it others have. */
export interface Noise {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** A fixed piece of work on the server's core, just before a round: where it takes longer, so does what is measured. */
export function measureNoise({ pin, programs }: Bench): Noise {
  const [program = '', ...args] = [...pin, programs.spin];
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) as Noise;
}
