/**
 * A place in a log, as this process numbers it: "after everything before `offset` of `generation`". Positions of one log are
 * ordered; they never leave the process (what clients hold is a cursor).
 */
export interface Position {
  /** Counts the identities a log has had since the process started: 0 for logs that have only one. */
  readonly generation: number;
  /** Bytes of a file or journal; events of a memory log. */
  readonly offset: number;
}

/** Negative where `a` is before `b`, 0 where they are the same place, positive where it is after. */
export function comparePositions(a: Position, b: Position): number {
  return a.generation - b.generation || a.offset - b.offset;
}

export function samePosition(a: Position, b: Position): boolean {
  return a.generation === b.generation && a.offset === b.offset;
}
