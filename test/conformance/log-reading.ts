import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import type { Batch, EventBatch } from '../../server/feed/batch.ts';
import { type Cursor, MAX_CURSOR_LENGTH, parseCursor } from '../../server/feed/cursor.ts';
import type { Following, Located, Log, Start } from '../../server/feed/log.ts';
import { type Position, samePosition } from '../../server/feed/position.ts';

/** One event, taken out of its batch in the way a frame writer does. */
export interface ReadEvent {
  readonly data: string;
  readonly cursor: Cursor;
  readonly type: string | undefined;
  readonly time: number | null;
  readonly cut: boolean;
}

const MAX_BATCH_BYTES = 256 * 1024;

/** The events of `batch`; asserts what every batch promises. */
export function eventsOf(batch: EventBatch): ReadEvent[] {
  assert.ok(batch.count > 0, 'a batch holds at least one event');
  assert.ok(isUtf8(batch.bytes), 'the bytes of a batch are well-formed UTF-8');
  const events = Array.from({ length: batch.count }, (_, index) => eventAt(batch, index));
  const bytes = events.reduce((sum, event) => sum + Buffer.byteLength(event.data), 0);
  assert.ok(bytes <= MAX_BATCH_BYTES || batch.count === 1, `a batch holds at most 256 KiB of data, not ${bytes} bytes`);
  return events;
}

function eventAt(batch: EventBatch, index: number): ReadEvent {
  const data = batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]);
  if (!batch.hasBreaks) assert.doesNotMatch(data, /[\r\n]/, 'a batch that denies breaks has none');
  return {
    data,
    cursor: cursorAt(batch, index),
    type: batch.type(index),
    time: batch.time(index),
    cut: batch.isCut(index),
  };
}

function cursorAt(batch: EventBatch, index: number): Cursor {
  const before = 7;
  const target = Buffer.alloc(before + MAX_CURSOR_LENGTH + 3, '#');
  const end = batch.writeCursor(index, target, before);
  const text = target.toString('latin1');
  assert.match(text.slice(0, before) + text.slice(end), /^#+$/, 'a cursor is written where it belongs and nowhere else');
  const cursor = parseCursor(text.slice(before, end));
  assert.ok(cursor !== undefined, `${JSON.stringify(text.slice(before, end))} has the form of a cursor`);
  return cursor;
}

/** Collects batches and asserts that each begins where the one before ended. */
export class Transcript {
  readonly batches: Batch[] = [];
  readonly events: ReadEvent[] = [];
  position: Position;

  constructor(from: Position) {
    this.position = from;
  }

  add(batch: Batch): void {
    assert.deepEqual(batch.from, this.position, 'a batch begins where the one before ended');
    this.position = batch.to;
    this.batches.push(batch);
    if (batch.kind === 'events') this.events.push(...eventsOf(batch));
  }

  get data(): string[] {
    return this.events.map((event) => event.data);
  }
}

export async function locate(log: Log, start: Start): Promise<Located> {
  const located = await log.locate(start, new AbortController().signal);
  assert.ok(parseCursor(located.cursor) !== undefined, `${located.cursor} has the form of a cursor`);
  return located;
}

export async function readFrom(log: Log, from: Position, until?: Position): Promise<Transcript> {
  const { signal } = new AbortController();
  const transcript = new Transcript(from);
  for await (const batch of log.read(from, until === undefined ? { signal } : { signal, until })) transcript.add(batch);
  if (until !== undefined && transcript.batches.length > 0)
    assert.deepEqual(transcript.position, until, 'it ends where it was told to');
  return transcript;
}

export async function readStart(log: Log, start: Start): Promise<Transcript> {
  return readFrom(log, (await locate(log, start)).position);
}

/** All pages from the head back to the oldest, as a client asks for them: by cursor. The oldest comes first. */
export async function pagesBack(log: Log, count: number): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: Cursor | 'head' = 'head'; ; ) {
    const located: Located = await locate(log, { at: 'before', cursor, count });
    assert.deepEqual([located.by, located.gap], ['before', undefined]);
    assert.ok(located.page !== undefined, 'a page says where it ends');
    pages.unshift((await readFrom(log, located.position, located.page.end)).data);
    if (located.page.isOldest) return pages;
    cursor = located.cursor;
  }
}

/** Asserts that two cursors name the same place of `log`; they may differ in text (a file's fingerprint grows with it). */
export async function assertSamePlace(log: Log, cursor: Cursor, position: Position): Promise<void> {
  const located = await locate(log, { at: 'cursor', cursor });
  assert.equal(located.gap, undefined);
  assert.ok(samePosition(located.position, position), 'the cursor names that place');
}

/** Follows `log` into a list of batches; `transcript()` asserts that they are contiguous with the place of the following. */
export async function followInto(log: Log): Promise<{ following: Following; transcript: () => Transcript }> {
  const batches: Batch[] = [];
  const following = await log.follow({ batch: (batch) => batches.push(batch), partial: () => {} });
  return {
    following,
    transcript: () => {
      const transcript = new Transcript(following.position);
      for (const batch of batches) transcript.add(batch);
      return transcript;
    },
  };
}
