import type { Cursor } from '../feed/cursor.ts';
import type { Position } from '../feed/position.ts';

/** Where a reader is: it has been given everything before. Those who are at the same place in a window share one. */
export interface Place {
  /** The number of the chunk of the window that comes next; undefined where the window does not begin yet. */
  readonly next: number | undefined;
  readonly position: Position;
  readonly cursor: Cursor;
}
