import type { EventBatch } from './batch.ts';
import { type Cursor, MAX_CURSOR_LENGTH } from './cursor.ts';

/** The cursor after the last event, as text. */
export function lastCursorOf(batch: EventBatch): Cursor {
  return batch.cursor ?? cursorOf(batch, batch.count - 1);
}

/** The cursor after event `index`, as text. */
export function cursorOf(batch: EventBatch, index: number): Cursor {
  const target = batch.origin === undefined ? scratch : Buffer.allocUnsafe(batch.origin.maxCursorLength);
  const length = batch.writeCursor(index, target, 0);
  return target.toString('latin1', 0, length) as Cursor;
}

const scratch = Buffer.allocUnsafe(MAX_CURSOR_LENGTH);
