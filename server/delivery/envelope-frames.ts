import type { EventBatch } from '../feed/batch.ts';
import { MAX_CURSOR_LENGTH } from '../feed/cursor.ts';
import { ByteSink } from './byte-sink.ts';
import { EnvelopeWriter, roomFor } from './envelope.ts';
import { FRESH, type Room } from './room.ts';

/** One SSE event of a batched stream carries at most this many envelopes. */
export const MAX_ENVELOPES = 256;

const ID = Buffer.from('id: ');
const DATA = Buffer.from('\ndata: ');
const END = Buffer.from('\n\n');
const LF = Buffer.from('\n');
const AROUND_BYTES = END.length + ID.length + MAX_CURSOR_LENGTH + DATA.length;

/** The events of batches as envelopes, one JSON a line. */
export function envelopeLines(feed: string, batches: readonly EventBatch[], room: Room = FRESH): Buffer {
  const sink = new ByteSink(roomFor(feed, batches, LF.length), room);
  const writer = new EnvelopeWriter(feed, sink);
  for (const batch of batches)
    for (let index = 0; index < batch.count; index += 1) {
      writer.write(batch, index, LF.length);
      sink.put(LF);
    }
  return sink.finish();
}

/** The same as an event stream: up to MAX_ENVELOPES are the data lines of one event, which has the id of its last. */
export function envelopeFrames(feed: string, batches: readonly EventBatch[], room: Room = FRESH): Buffer {
  const sink = new ByteSink(roomFor(feed, batches, DATA.length) + AROUND_BYTES, room);
  const writer = new EnvelopeWriter(feed, sink);
  let inFrame = 0;
  for (const [number, batch] of batches.entries())
    for (let index = 0; index < batch.count; index += 1) {
      if (inFrame === 0) beginFrame(sink, batches, number, index);
      sink.put(DATA);
      writer.write(batch, index, AROUND_BYTES);
      inFrame = (inFrame + 1) % MAX_ENVELOPES;
      if (inFrame === 0) sink.put(END);
    }
  if (inFrame > 0) sink.put(END);
  return sink.finish();
}

/** The id of a frame is that of its last event, which may be in a later batch. */
function beginFrame(sink: ByteSink, batches: readonly EventBatch[], number: number, index: number): void {
  sink.put(ID);
  let last = index + MAX_ENVELOPES - 1;
  for (let at = number; ; at += 1) {
    const batch = batches[at] as EventBatch;
    if (last < batch.count || at === batches.length - 1) {
      sink.at = batch.writeCursor(Math.min(last, batch.count - 1), sink.bytes, sink.at);
      return;
    }
    last -= batch.count;
  }
}
