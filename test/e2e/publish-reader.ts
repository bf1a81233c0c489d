import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';

export interface ReadEvent {
  readonly id: string;
  readonly data: string;
}

const RETRY_MS = 15;

/** Follows a feed from its start, and comes back with the last id it saw whenever it is cut. */
export class ResumingReader {
  readonly events: ReadEvent[] = [];
  readonly gaps: string[] = [];
  connections = 0;
  readonly #url: string;
  #lastId = '';
  #isStopped = false;
  #response: IncomingMessage | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async follow(): Promise<void> {
    while (!this.#isStopped) {
      await this.#readOnce().catch(() => undefined);
      await delay(RETRY_MS);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#response?.destroy();
  }

  /** Does not come back once the connection there is has ended. */
  stopAtEnd(): void {
    this.#isStopped = true;
  }

  /** Rejects or resolves when the connection has ended, however it did. */
  #readOnce(): Promise<void> {
    const headers = { Accept: 'text/event-stream', ...(this.#lastId === '' ? {} : { 'Last-Event-ID': this.#lastId }) };
    return new Promise((resolve, reject) => {
      const asking = get(this.#url, { agent: false, headers }, (response) => {
        this.#response = response;
        if (response.statusCode !== 200) return void response.resume().once('end', resolve);
        this.connections += 1;
        const parser = createParser({ onEvent: (event) => this.#take(event) });
        response.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
        response.once('close', resolve);
        response.once('error', reject);
      });
      asking.once('error', reject);
    });
  }

  #take({ event, id, data }: { event?: string | undefined; id?: string | undefined; data: string }): void {
    if (id !== undefined) this.#lastId = id;
    if (event === undefined) this.events.push({ id: id ?? '', data });
    else if (event === 'feed.gap') this.gaps.push(data);
  }
}
