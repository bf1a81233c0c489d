import type { EventBatch } from '../feed/batch.ts';
import type { Cursor } from '../feed/cursor.ts';
import type { Encoding } from './encoding.ts';
import { envelopeFrames, envelopeLines, MAX_ENVELOPES } from './envelope-frames.ts';
import type { Format } from './format.ts';
import { FRESH, type Room } from './room.ts';
import { frameControl, frameEvents } from './sse-frame.ts';
import { textLines } from './text-lines.ts';

const SSE_HEARTBEAT = Buffer.from(':\n\n');

const SSE: Format = {
  key: 'sse',
  contentType: 'text/event-stream',
  gatherMs: 0,
  heartbeat: SSE_HEARTBEAT,
  events: (batches, room) => eachInRoom(batches, room, (batch, free) => batch.sse ?? frameEvents(batch, free)),
  control: frameControl,
  partial: (text) => frameControl('feed.partial', { data: text }),
};

/** Plain Server-Sent Events: the data of a message is the line. */
export function sseFormat(): Format {
  return SSE;
}

/** Server-Sent Events for programs that read much: one event carries up to 256 envelopes. */
export function sseBatchFormat(feed: string, gatherMs: number): Format {
  return {
    ...sseFormat(),
    key: `sse-batch-${gatherMs}`,
    gatherMs,
    events: (batches, room) => envelopeFrames(feed, batches, { room }),
  };
}

/** One JSON envelope a line; control events are envelopes too; the heartbeat is an empty line. */
export function ndjsonFormat(feed: string): Format {
  const control = (type: string, data: Readonly<Record<string, unknown>>, cursor?: Cursor) =>
    Buffer.from(`${JSON.stringify({ feed, ...(cursor === undefined ? {} : { id: cursor }), type, data })}\n`);
  return {
    key: 'ndjson',
    contentType: 'application/x-ndjson; charset=utf-8',
    gatherMs: 0,
    heartbeat: Buffer.from('\n'),
    events: (batches, room) => envelopeLines(feed, batches, room),
    control,
    partial: (text) => control('feed.partial', { data: text }),
  };
}

/** Several feeds as Server-Sent Events: the data of each is an envelope (or up to 256, gathered), its id a place in all of them. */
export function sseSetFormat(gatherMs = 0): Format {
  const perFrame = gatherMs === 0 ? 1 : MAX_ENVELOPES;
  return {
    ...sseFormat(),
    key: `sse-${gatherMs}`,
    gatherMs,
    events: (batches, room) => envelopeFrames('', batches, { room, perFrame }),
    partial: (text, feed) => frameControl('feed.partial', { feed, data: text }),
  };
}

/** Several feeds as envelopes, a line each; `cursor` is a place in all of them. */
export function ndjsonSetFormat(): Format {
  const control = (type: string, { feed, ...data }: Readonly<Record<string, unknown>>, cursor?: Cursor) =>
    Buffer.from(`${JSON.stringify({ feed, type, data, cursor })}\n`);
  return { ...ndjsonFormat(''), control, partial: (text, feed) => control('feed.partial', { feed, data: text }) };
}

/** A line a line. A gap shows as a line of its own, and an ended feed with its unfinished last line; nothing else of ours does. */
export function textFormat(): Format {
  return {
    key: 'text',
    contentType: 'text/plain; charset=utf-8',
    gatherMs: 0,
    heartbeat: Buffer.alloc(0),
    events: (batches, room) => eachInRoom(batches, room, textLines),
    control: (type, data) => {
      if (type === 'feed.gap') return Buffer.from(`--- feed.gap ${JSON.stringify(data)}\n`);
      return type === 'feed.partial' && typeof data.data === 'string' ? Buffer.from(data.data) : undefined;
    },
    partial: () => undefined,
  };
}

/** The same format, encoded; its readers share what is encoded. */
export function encodedFormat(format: Format, encoding: Encoding): Format {
  const known = encodedFormats.get(format);
  if (known?.encoding === encoding) return known;
  const encoded = { ...format, key: `${format.key}+${encoding.name}`, encoding };
  encodedFormats.set(format, encoded);
  return encoded;
}

/** Each takes half a KiB, and most readers ask for the same. */
const encodedFormats = new WeakMap<Format, Format>();

/** One batch in the room that is given; several cannot share it. */
function eachInRoom(
  batches: readonly EventBatch[],
  room: Room | undefined,
  write: (batch: EventBatch, room: Room) => Buffer,
): Buffer {
  const [only] = batches;
  if (only !== undefined && batches.length === 1) return write(only, room ?? FRESH);
  return Buffer.concat(batches.map((batch) => write(batch, FRESH)));
}
