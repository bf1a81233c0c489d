import type { EventBatch } from '../feed/batch.ts';
import { ByteSink } from './byte-sink.ts';
import { EnvelopeWriter, maxCursorLength, roomFor } from './envelope.ts';
import { FRESH, type Room } from './room.ts';

/** One SSE event of a batched stream carries at most this many envelopes. */
export const MAX_ENVELOPES = 256;

const ID = Buffer.from('id: ');
const DATA = Buffer.from('\ndata: ');
const END = Buffer.from('\n\n');
const LF = Buffer.from('\n');
const AROUND_BYTES = END.length + ID.length + DATA.length;

export interface FrameOptions {
  readonly room?: Room | undefined;
  /** An SSE event carries at most this many envelopes. */
  readonly perFrame?: number;
}

/** The events of batches as envelopes, one JSON a line; of several feeds read as one, with the place in all of them. */
export function envelopeLines(feed: string, batches: readonly EventBatch[], room: Room = FRESH): Buffer {
  const hasCursors = batches[0]?.origin !== undefined;
  const sink = new ByteSink(roomFor(feed, batches, LF.length, hasCursors), room);
  const writer = new EnvelopeWriter(feed, sink, hasCursors);
  for (const batch of batches)
    for (let index = 0; index < batch.count; index += 1) {
      writer.write(batch, index, LF.length);
      sink.put(LF);
    }
  return sink.finish();
}

/** The same as an event stream: up to `perFrame` are the data lines of one event, which has the id of its last. */
export function envelopeFrames(feed: string, batches: readonly EventBatch[], options: FrameOptions = {}): Buffer {
  const { room = FRESH, perFrame = MAX_ENVELOPES } = options;
  const sink = new ByteSink(frameRoom(feed, batches, perFrame), room);
  const writer = new EnvelopeWriter(feed, sink);
  let inFrame = 0;
  for (const [number, batch] of batches.entries())
    for (let index = 0; index < batch.count; index += 1) {
      if (inFrame === 0) beginFrame(sink, batches, { number, last: index + perFrame - 1 });
      sink.put(DATA);
      writer.write(batch, index, END.length + DATA.length);
      inFrame = (inFrame + 1) % perFrame;
      if (inFrame === 0) sink.put(END);
    }
  if (inFrame > 0) sink.put(END);
  return sink.finish();
}

function frameRoom(feed: string, batches: readonly EventBatch[], perFrame: number): number {
  const ids = batches.map((batch) => (Math.ceil(batch.count / perFrame) + 1) * (AROUND_BYTES + maxCursorLength(batch)));
  return ids.reduce((sum, bytes) => sum + bytes, roomFor(feed, batches, DATA.length));
}

/** The id of a frame is that of its last event, which may be in a later batch: `last` counts from the start of batch `number`. */
function beginFrame(
  sink: ByteSink,
  batches: readonly EventBatch[],
  end: { readonly number: number; readonly last: number },
): void {
  let { last } = end;
  for (let at = end.number; ; at += 1) {
    const batch = batches[at] as EventBatch;
    if (last < batch.count || at === batches.length - 1) {
      sink.reserve(AROUND_BYTES + maxCursorLength(batch));
      sink.put(ID);
      sink.at = batch.writeCursor(Math.min(last, batch.count - 1), sink.bytes, sink.at);
      return;
    }
    last -= batch.count;
  }
}
