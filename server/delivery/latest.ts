import { setImmediate as turn } from 'node:timers/promises';
import type { Batch, EventBatch } from '../feed/batch.ts';
import { cursorOf } from '../feed/cursor-of.ts';
import type { Located, Log } from '../feed/log.ts';
import { selectedBatch } from '../feed/selected-batch.ts';
import { Problem } from '../problem/problem.ts';
import { encodedStep, frameBatch, type HowFramed, type Step } from './catch-up.ts';
import { fieldValue } from './json-field.ts';
import { ReusedRoom } from './room.ts';

/** What is held of each value is a few hundred bytes. */
export const MAX_VALUES = 100_000;

export interface LatestQuery {
  /** A member of the JSON objects that the events are. */
  readonly field: string;
  readonly start: Located;
  readonly end: Located;
}

/** What a stretch of a log comes to: of the events with one value of a field, the newest. */
export class Latest {
  readonly start: Located;
  readonly end: Located;
  /** For people and programs: told in `feed.open`. */
  readonly report: Readonly<Record<string, unknown>>;
  readonly #log: Log;
  readonly #cursors: ReadonlySet<string>;

  /** Reads the stretch once. Throws Problem where there are too many values. */
  static async find(log: Log, query: LatestQuery, signal: AbortSignal): Promise<Latest> {
    const newest = new Map<string, string>();
    let events = 0;
    let without = 0;
    for await (const batch of stretchOf(log, query, signal)) {
      if (batch.kind === 'notice') continue;
      for (let index = 0; index < batch.count; index += 1) {
        const value = fieldValue(textOf(batch, index), query.field);
        if (value === undefined) without += 1;
        else newest.set(value, cursorOf(batch, index));
      }
      events += batch.count;
      if (newest.size > MAX_VALUES) throw tooManyValues(query.field);
      // Logs in memory never wait: others are to have their turn.
      await turn();
    }
    const removed = log.kind === 'journal' ? (await log.locate({ at: 'oldest' }, signal)).position.offset : null;
    const report = { field: query.field, values: newest.size, events, without, removedBytes: removed };
    return new Latest(log, query, report, new Set(newest.values()));
  }

  private constructor(log: Log, query: LatestQuery, report: Latest['report'], cursors: ReadonlySet<string>) {
    this.start = query.start;
    this.end = query.end;
    this.report = report;
    this.#log = log;
    this.#cursors = cursors;
  }

  /** Reads the stretch again, and gives of it only those events, in their order and with their own ids. */
  async *steps({ format, framing }: HowFramed, signal: AbortSignal): AsyncGenerator<Step> {
    const room = new ReusedRoom();
    for await (const batch of stretchOf(this.#log, this, signal)) {
      const chosen = batch.kind === 'notice' ? batch : this.#choose(batch);
      if (chosen !== undefined) {
        const step = await framing.run(() => frameBatch(chosen, format, room));
        yield format.encoding === undefined ? step : await encodedStep(step, format.encoding, signal);
      }
      await turn();
    }
  }

  #choose(batch: EventBatch): EventBatch | undefined {
    const indices: number[] = [];
    for (let index = 0; index < batch.count; index += 1) if (this.#cursors.has(cursorOf(batch, index))) indices.push(index);
    return indices.length === 0 ? undefined : selectedBatch(batch, indices);
  }
}

function stretchOf(
  log: Log,
  { start, end }: { readonly start: Located; readonly end: Located },
  signal: AbortSignal,
): AsyncIterable<Batch> {
  return log.read(start.position, { until: end.position, signal, reuse: true });
}

function textOf({ bytes, starts, ends }: EventBatch, index: number): string {
  return bytes.toString('utf8', starts[index], ends[index]);
}

function tooManyValues(field: string): Problem {
  const detail = `The field ${JSON.stringify(field)} has more than ${MAX_VALUES} values.`;
  return new Problem('too-many-values', { detail, members: { field, maxValues: MAX_VALUES } });
}
