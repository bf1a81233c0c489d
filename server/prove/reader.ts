import type { Batch } from '../feed/batch.ts';
import { type Cursor, MAX_CURSOR_LENGTH } from '../feed/cursor.ts';
import type { Follower, Log } from '../feed/log.ts';
import type { Given } from './verdict.ts';

/** Takes down what a log tells. */
export class Reader implements Follower {
  readonly given: Given[] = [];
  readonly notices: Readonly<Record<string, unknown>>[] = [];
  /** The last unfinished line that it was shown. */
  partialText = '';
  cursor: Cursor | undefined;

  get lines(): string[] {
    return this.given.flatMap((item) => ('line' in item ? [item.line] : []));
  }

  wasTold(what: { readonly type: string } | { readonly reason: string }): boolean {
    return this.notices.some((notice) => Object.entries(what).every(([key, value]) => notice[key] === value));
  }

  batch(batch: Batch): void {
    if (batch.kind === 'notice') {
      this.notices.push({ ...batch.data, type: batch.type });
      // Late lines are missing nowhere: they are told as a range beside.
      if (batch.type === 'feed.gap' && batch.data.reason !== 'late') this.given.push({ gap: String(batch.data.reason) });
      return;
    }
    for (let index = 0; index < batch.count; index += 1)
      this.given.push({ line: batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]) });
    const target = Buffer.alloc(MAX_CURSOR_LENGTH);
    this.cursor = target.toString('latin1', 0, batch.writeCursor(batch.count - 1, target, 0)) as Cursor;
  }

  partial(partial: { readonly text: string } | null): void {
    if (partial !== null) this.partialText = partial.text;
  }
}

export interface Range {
  readonly since: Cursor;
  /** Without it, up to the end. */
  readonly until?: Cursor;
}

/** What a reader gets who comes with a cursor. */
export async function readRange(log: Log, { since, until }: Range, signal: AbortSignal): Promise<Reader> {
  const reader = new Reader();
  const located = await log.locate({ at: 'cursor', cursor: since }, signal);
  if (located.gap !== undefined) reader.given.push({ gap: located.gap.reason });
  const end = until === undefined ? undefined : (await log.locate({ at: 'cursor', cursor: until }, signal)).position;
  const options = { signal, ...(end === undefined ? {} : { until: end }) };
  for await (const batch of log.read(located.position, options)) reader.batch(batch);
  return reader;
}
