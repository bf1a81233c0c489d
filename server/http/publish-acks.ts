import type { ServerResponse } from 'node:http';
import type { Appended } from '../feed/appending.ts';
import { Problem } from '../problem/problem.ts';
import { isoTime } from './publish-answer.ts';
import type { PublishRequest } from './publish-request.ts';

/** What became of one event of a stream. */
export interface Outcome {
  readonly number: number;
  readonly outcome: Appended | Problem;
}

/** The answer to a stream: a line of JSON for each event, in order, and a last one that says that this is all. */
export class PublishAcks {
  readonly #response: ServerResponse;
  readonly #ack: 'each' | 'last';
  /** What the numbers count. */
  readonly #unit: 'line' | 'event';
  #events = 0;
  #repeated = 0;
  #refused = 0;

  constructor(response: ServerResponse, { ack, form }: PublishRequest) {
    this.#response = response;
    this.#ack = ack;
    this.#unit = form === 'sse' ? 'event' : 'line';
  }

  get hasBegun(): boolean {
    return this.#response.headersSent;
  }

  write(outcomes: readonly Outcome[]): void {
    let lines = '';
    let last: string | undefined;
    for (const { number, outcome } of outcomes) {
      if (outcome instanceof Problem) {
        this.#refused += 1;
        lines += `${JSON.stringify({ [this.#unit]: number, error: outcome })}\n`;
        continue;
      }
      this.#events += 1;
      if (outcome.isRepeat) this.#repeated += 1;
      last = this.#line(number, outcome);
      if (this.#ack === 'each') lines += last;
    }
    this.#send(this.#ack === 'each' ? lines : lines + (last ?? ''));
  }

  /** The last line: how many events are kept, and why no more were taken, where there were more. */
  end(skipped: number, problem: Problem | undefined): void {
    const done = { events: this.#events, repeated: this.#repeated, refused: this.#refused, skipped };
    this.#send(`${JSON.stringify({ done, ...(problem === undefined ? {} : { error: problem }) })}\n`);
    this.#response.end();
  }

  /** Resolves when the publisher has taken what was written, or is gone; one that takes nothing for so long is cut off. */
  async drained(stallMs: number): Promise<void> {
    const response = this.#response;
    if (!response.writableNeedDrain || response.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => response.destroy(), stallMs);
      const done = () => {
        clearTimeout(timer);
        response.off('drain', done);
        response.off('close', done);
        resolve();
      };
      response.on('drain', done);
      response.on('close', done);
    });
  }

  #line(number: number, { cursor, timeMs, isRepeat }: Appended): string {
    const repeat = isRepeat ? ',"repeated":true' : '';
    return `{"${this.#unit}":${number},"id":"${cursor}","time":"${isoTime(timeMs)}"${repeat}}\n`;
  }

  #send(lines: string): void {
    if (!this.hasBegun) {
      this.#response.writeHead(200, {
        'Content-Type': 'application/x-ndjson; charset=utf-8',
        'Cache-Control': 'no-store, no-transform',
        'X-Accel-Buffering': 'no',
      });
    }
    if (lines !== '') this.#response.write(lines);
  }
}
