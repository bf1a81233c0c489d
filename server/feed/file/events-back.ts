import type { EventBatch } from '../batch.ts';
import { MAX_CURSOR_LENGTH } from '../cursor.ts';
import { comparePositions, type Position } from '../position.ts';
import { parseFileCursor } from './file-cursor.ts';
import { FileReading } from './file-reading.ts';
import type { Generations } from './generations.ts';
import { linesBack } from './line-start.ts';

/** The position `count` events before `end`, and whether there were fewer. */
export interface EventsBack {
  readonly position: Position;
  readonly isAll: boolean;
}

/**
 * Goes `count` events back from `end`. A line is an event, except for one that is so long that it is given in pieces: then what
 * lies between is read as a reader would, to count what a reader would get.
 */
export async function eventsBack(
  generations: Generations,
  end: Position,
  count: number,
  signal: AbortSignal,
): Promise<EventsBack> {
  const { position, missing, hasPieces } = await linesBack(generations.readable, end, count, signal);
  if (!hasPieces || count === 0) return { position, isAll: missing > 0 };
  const starts = await lastStarts(generations, position, end, count, signal);
  return { position: starts[0] ?? position, isAll: missing > 0 && starts.length < count };
}

/** Where the last `count` events before `end` begin. */
async function lastStarts(
  generations: Generations,
  from: Position,
  end: Position,
  count: number,
  signal: AbortSignal,
): Promise<Position[]> {
  const reading = new FileReading(generations, from);
  let starts: Position[] = [];
  while (comparePositions(reading.position, end) < 0) {
    signal.throwIfAborted();
    const batches = await reading.next(null, end);
    if (batches.length === 0) break;
    for (const batch of batches) if (batch.kind === 'events') starts.push(...startsOf(batch));
    if (starts.length > 2 * count) starts = starts.slice(-count);
  }
  return starts.slice(-count);
}

function startsOf(batch: EventBatch): Position[] {
  return Array.from({ length: batch.count }, (_, index) => (index === 0 ? batch.from : positionAfter(batch, index - 1)));
}

/** What the cursor of an event says: where the event ends. */
function positionAfter(batch: EventBatch, index: number): Position {
  const length = batch.writeCursor(index, scratch, 0);
  const cursor = parseFileCursor(scratch.toString('latin1', 0, length));
  return { generation: batch.from.generation, offset: cursor?.offset ?? batch.to.offset };
}

const scratch = Buffer.allocUnsafe(MAX_CURSOR_LENGTH);
