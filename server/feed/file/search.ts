import type { Generations } from './generations.ts';

/** A search in what a path has held. It may take long, so it does not hold up the tail: only what changes the list takes its turn. */
export interface Search {
  readonly generations: Generations;
  readonly signal: AbortSignal;
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}
