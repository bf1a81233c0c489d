import type { EventBatch } from '../batch.ts';
import type { Position } from '../position.ts';

/** Of each stream whose newest event is a piece of a longer line: whether that line is shown. */
export interface Unfinished {
  readonly stdout?: boolean | undefined;
  readonly stderr?: boolean | undefined;
}

/** A place that may be inside a long line. What follows there does not stand for itself. */
export interface FilteredPosition extends Position {
  readonly unfinished?: Unfinished | undefined;
}

/** The pieces of a line longer than an event are shown or hidden with the first of them. Changes `states`; returns what is unfinished then. */
export function joinPieces(batch: EventBatch, states: Uint8Array, before: Unfinished | undefined): Unfinished | undefined {
  let now = before;
  for (let index = 0; index < batch.count; index += 1) {
    const isCut = batch.isCut(index);
    if (now === undefined && !isCut) continue;
    const stream = batch.stream?.(index) ?? 'stdout';
    const isShown = now?.[stream];
    if (isShown !== undefined) states[index] = isShown ? 1 : 0;
    now = withPiece(now, stream, isCut ? states[index] === 1 : undefined);
  }
  return now;
}

function withPiece(
  now: Unfinished | undefined,
  stream: 'stdout' | 'stderr',
  isShown: boolean | undefined,
): Unfinished | undefined {
  const next = { ...now, [stream]: isShown };
  return next.stdout === undefined && next.stderr === undefined ? undefined : next;
}
