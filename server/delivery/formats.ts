import type { EventBatch } from '../feed/batch.ts';
import type { Cursor } from '../feed/cursor.ts';
import { dataOf, envelope } from './envelope.ts';
import { cursorOf, type Format } from './format.ts';
import { frameControl, frameEvents, frameJsonLines } from './sse-frame.ts';

/** One SSE event of a batched stream carries at most this many envelopes. */
export const MAX_ENVELOPES = 256;

const SSE_HEARTBEAT = Buffer.from(':\n\n');

/** Plain Server-Sent Events: the data of a message is the line. */
export function sseFormat(): Format {
  return {
    key: 'sse',
    contentType: 'text/event-stream',
    gatherMs: 0,
    heartbeat: SSE_HEARTBEAT,
    events: (batches) => concat(batches.map(frameEvents)),
    control: frameControl,
    partial: (text) => frameControl('feed.partial', { data: text }),
  };
}

/** Server-Sent Events for programs that read much: one event carries up to 256 envelopes. */
export function sseBatchFormat(feed: string, gatherMs: number): Format {
  return {
    ...sseFormat(),
    key: `sse-batch-${gatherMs}`,
    gatherMs,
    events: (batches) => concat(groupEnvelopes(feed, batches)),
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
    events: (batches) =>
      Buffer.from(
        envelopes(feed, batches)
          .map((line) => `${line}\n`)
          .join(''),
      ),
    control,
    partial: (text) => control('feed.partial', { data: text }),
  };
}

/** A line a line. A gap shows as a line of its own, and an ended feed with its unfinished last line; nothing else of ours does. */
export function textFormat(): Format {
  return {
    key: 'text',
    contentType: 'text/plain; charset=utf-8',
    gatherMs: 0,
    heartbeat: Buffer.alloc(0),
    events: (batches) => concat(batches.map(textLines)),
    control: (type, data) => {
      if (type === 'feed.gap') return Buffer.from(`--- feed.gap ${JSON.stringify(data)}\n`);
      return type === 'feed.partial' && typeof data.data === 'string' ? Buffer.from(data.data) : undefined;
    },
    partial: () => undefined,
  };
}

function textLines(batch: EventBatch): Buffer {
  const lines: string[] = [];
  for (let index = 0; index < batch.count; index += 1) lines.push(dataOf(batch, index), batch.isCut(index) ? '' : '\n');
  return Buffer.from(lines.join(''));
}

function envelopes(feed: string, batches: readonly EventBatch[]): string[] {
  return batches.flatMap((batch) => Array.from({ length: batch.count }, (_, index) => envelope(feed, batch, index)));
}

function groupEnvelopes(feed: string, batches: readonly EventBatch[]): Buffer[] {
  const frames: Buffer[] = [];
  let lines: string[] = [];
  let last: Cursor | undefined;
  for (const batch of batches) {
    for (let index = 0; index < batch.count; index += 1) {
      lines.push(envelope(feed, batch, index));
      last = cursorOf(batch, index);
      if (lines.length < MAX_ENVELOPES) continue;
      frames.push(frameJsonLines(lines, last));
      lines = [];
    }
  }
  if (lines.length > 0 && last !== undefined) frames.push(frameJsonLines(lines, last));
  return frames;
}

function concat(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}
