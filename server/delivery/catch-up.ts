import type { Batch } from '../feed/batch.ts';
import type { Cursor } from '../feed/cursor.ts';
import { lastCursorOf } from '../feed/cursor-of.ts';
import type { ReadableLog } from '../feed/log.ts';
import type { Position } from '../feed/position.ts';
import type { Encoding } from './encoding.ts';
import type { Format } from './format.ts';
import type { FramingTurns } from './framing-turns.ts';
import type { CrcSum } from './gzip/crc-sum.ts';
import { ReusedRoom } from './room.ts';

export interface Step {
  readonly bytes: Buffer;
  /** Where the bytes are encoded: of what they were. */
  readonly sum?: CrcSum | undefined;
  /** To be called when the system has the bytes, and not before (`Outlet.send`): the next step may then be made in their memory. */
  readonly giveBack: () => void;
  readonly to: Position;
  readonly isGap: boolean;
  /** The cursor at `to`, where it has one. */
  readonly cursor: Cursor | undefined;
}

export interface HowFramed {
  readonly format: Format;
  readonly framing: FramingTurns;
}

const NOTHING = Buffer.alloc(0);

/** Reads a stretch of a log as framed bytes, for one subscriber at its own speed. */
export async function* catchUp(
  log: Pick<ReadableLog, 'read'>,
  { format, framing }: HowFramed,
  stretch: { readonly from: Position; readonly until?: Position; readonly signal: AbortSignal },
): AsyncGenerator<Step> {
  const { from, ...options } = stretch;
  const room = new ReusedRoom();
  for await (const batch of log.read(from, { ...options, reuse: true })) {
    const step = await framing.run(() => frameBatch(batch, format, room));
    if (options.signal.aborted) return;
    yield format.encoding === undefined ? step : await encodedStep(step, format.encoding, options.signal);
  }
}

/** Framed bytes are never in memory that is read into again: where there is a room, formats copy all but stored frames. */
export function frameBatch(batch: Batch, format: Format, room: ReusedRoom): Step {
  if (batch.kind === 'notice') {
    const bytes = format.control(batch.type, batch.data, batch.cursor) ?? NOTHING;
    return { bytes, giveBack: () => {}, to: batch.to, isGap: batch.type === 'feed.gap', cursor: batch.cursor };
  }
  const bytes = format.events([batch], room);
  return { bytes, giveBack: () => room.giveBack(bytes), to: batch.to, isGap: false, cursor: lastCursorOf(batch) };
}

/** Before it counts as given: whoever is let go meanwhile has not been given a part of it. */
export async function encodedStep(step: Step, encoding: Encoding, signal: AbortSignal): Promise<Step> {
  const encoded = await encoding.inTurn(step.bytes, signal);
  step.giveBack();
  return { ...step, ...encoded, giveBack: () => {} };
}
