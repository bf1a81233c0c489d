import type { Batch } from '../feed/batch.ts';
import type { Cursor } from '../feed/cursor.ts';
import type { Log } from '../feed/log.ts';
import type { Position } from '../feed/position.ts';
import { cursorOf, type Format } from './format.ts';

export interface Step {
  readonly bytes: Buffer;
  readonly to: Position;
  /** The cursor at `to`, where it has one. */
  readonly cursor: Cursor | undefined;
}

const NOTHING = Buffer.alloc(0);

/** Reads a stretch of a log as framed bytes, for one subscriber at its own speed. */
export async function* catchUp(
  log: Log,
  format: Format,
  stretch: { readonly from: Position; readonly until?: Position; readonly signal: AbortSignal },
): AsyncGenerator<Step> {
  const { from, ...options } = stretch;
  for await (const batch of log.read(from, options)) yield frame(batch, format);
}

function frame(batch: Batch, format: Format): Step {
  if (batch.kind === 'notice') {
    const bytes = format.control(batch.type, batch.data, batch.cursor) ?? NOTHING;
    return { bytes, to: batch.to, cursor: batch.cursor };
  }
  return { bytes: format.events([batch]), to: batch.to, cursor: cursorOf(batch, batch.count - 1) };
}
