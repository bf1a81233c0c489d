/**
 * A place in a log, as this process numbers it: "after everything before `offset` of `generation`". Positions of one log are
 * ordered; they never leave the process (what clients hold is a cursor).
 */
export interface Position {
  /** Counts the identities a log has had since the process started: 0 for logs that have only one. */
  readonly generation: number;
  /** Bytes of a file or journal; events of a memory log. */
  readonly offset: number;
  /** Where several logs are read as one: the place in each of them, which then is all that counts. */
  readonly each?: Places;
}

/** Places in several logs. They are ordered in part only: 0 for the same, positive where none of these is before the other's. */
export interface Places {
  compare(other: Places): number;
}

/** Negative where `a` is before `b` (with `each`: also where it is neither), 0 where they are the same place, positive where it is after. */
export function comparePositions(a: Position, b: Position): number {
  if (a.each !== undefined && b.each !== undefined) return a.each.compare(b.each);
  return a.generation - b.generation || a.offset - b.offset;
}

export function samePosition(a: Position, b: Position): boolean {
  return a === b || comparePositions(a, b) === 0;
}
