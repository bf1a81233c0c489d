import type { EventBatch } from '../../server/feed/batch.ts';
import { cursorOf } from '../../server/feed/cursor-of.ts';

/** The frames of `batch`, made the slow and obvious way: what the fast way must equal byte for byte. */
export function plainFrames(batch: EventBatch): Buffer {
  return Buffer.concat(indexes(batch).map((index) => plainFrame(batch, index)));
}

function plainFrame(batch: EventBatch, index: number): Buffer {
  const cut = batch.isCut(index) ? 'event: feed.cut\ndata: {"more":true}\n\n' : '';
  const type = batch.type(index);
  const event = type === undefined ? '' : `event: ${type}\n`;
  // latin1 gives every byte a character of its own and back.
  const data = dataOf(batch, index, 'latin1').replace(/\n/g, '\ndata: ');
  const head = Buffer.from(`${cut}id: ${cursorOf(batch, index)}\n${event}`);
  return Buffer.concat([head, Buffer.from(`data: ${data}\n\n`, 'latin1')]);
}

/** The lines of `batch` as text, made the slow way. */
export function plainText(batch: EventBatch): Buffer {
  const lines = indexes(batch).map((index) => `${dataOf(batch, index, 'latin1')}${batch.isCut(index) ? '' : '\n'}`);
  return Buffer.from(lines.join(''), 'latin1');
}

/** The envelopes of `batch`, one JSON a line, made the slow way. */
export function plainEnvelopes(feed: string, batch: EventBatch): string[] {
  return indexes(batch).map((index) => {
    const ms = batch.time(index);
    const time = ms === null ? null : new Date(ms).toISOString();
    const type = batch.type(index) ?? 'message';
    const cut = batch.isCut(index) ? { cut: true } : {};
    return JSON.stringify({ feed, id: cursorOf(batch, index), time, type, data: dataOf(batch, index, 'utf8'), ...cut });
  });
}

/** The envelopes of batches that follow one another as events of up to 256 of them, made the slow way. */
export function plainGroups(feed: string, batches: readonly EventBatch[]): Buffer {
  const envelopes = batches.flatMap((batch) => plainEnvelopes(feed, batch));
  const groups = Array.from({ length: Math.ceil(envelopes.length / 256) }, (_, at) => envelopes.slice(at * 256, (at + 1) * 256));
  const frames = groups.map((lines) => {
    const { id } = JSON.parse(lines.at(-1) ?? '') as { id: string };
    return `id: ${id}\n${lines.map((line) => `data: ${line}\n`).join('')}\n`;
  });
  return Buffer.from(frames.join(''));
}

function dataOf(batch: EventBatch, index: number, encoding: 'latin1' | 'utf8'): string {
  return batch.bytes.toString(encoding, batch.starts[index], batch.ends[index]).replace(/\r\n?/g, '\n');
}

function indexes(batch: EventBatch): number[] {
  return Array.from({ length: batch.count }, (_, index) => index);
}
