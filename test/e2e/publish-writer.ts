import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Seeded } from './seed.ts';

/** What was acknowledged: which event, and under which id. */
export interface Acknowledged {
  readonly data: string;
  readonly id: string;
}

const RETRY_MS = 15;

/** Publishes numbered events one after the other; whatever has not been acknowledged is sent again with the same key until it is. */
export class PublishingWriter {
  readonly acknowledged: Acknowledged[] = [];
  /** Requests that came to nothing, or whose answer nobody has seen. */
  retries = 0;
  readonly #url: string;
  readonly #name: string;
  readonly #seeded: Seeded;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #isStopping = false;
  #number = 0;

  constructor(url: string, name: string, seed: number) {
    this.#url = url;
    this.#name = name;
    this.#seeded = new Seeded(seed);
  }

  /** Ends when what is under way has been acknowledged. */
  stop(): void {
    this.#isStopping = true;
  }

  async publishOneByOne(): Promise<void> {
    while (!this.#isStopping) {
      const data = this.#next();
      const key = `"${this.#name}-${this.#number}"`;
      const answer = await this.#untilAnswered(data, { 'Idempotency-Key': key }, isWholeAnswer);
      this.acknowledged.push({ data, id: JSON.parse(answer).id });
    }
    this.#agent.destroy();
  }

  /** Streams of a few lines, of which each is sent again as a whole where it was cut. */
  async publishStreams(): Promise<void> {
    while (!this.#isStopping) {
      const lines = Array.from({ length: this.#seeded.whole(1, 40) }, () => JSON.stringify(this.#next()));
      const headers = { 'Content-Type': 'application/x-ndjson', 'Idempotency-Key': `"${this.#name}-${this.#number}"` };
      const answer = await this.#untilAnswered(`${lines.join('\n')}\n`, headers, isWholeStream);
      const acks: { line: number; id: string }[] = answer
        .trimEnd()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
      for (const { line, id } of acks) this.acknowledged.push({ data: lines[line - 1] ?? '', id });
    }
    this.#agent.destroy();
  }

  #next(): string {
    const seeded = this.#seeded;
    this.#number += 1;
    const filling = 'x'.repeat(seeded.one([0, 1, 30, 200, 4_000]));
    return `${this.#name}:${this.#number}:${filling}${seeded.one(['', '', '\n', '\nid: 1\n\ndata: y'])}`;
  }

  async #untilAnswered(body: string, headers: Record<string, string>, isWhole: (answer: string) => boolean): Promise<string> {
    for (;;) {
      const answer = await this.#send(body, headers).catch((error: NodeJS.ErrnoException) => {
        if (error.code === undefined) throw error;
        return undefined;
      });
      if (answer !== undefined && isWhole(answer)) return answer;
      this.retries += 1;
      await delay(RETRY_MS);
    }
  }

  /** The body of an answer; undefined where the service has none to give now. Rejects where it could not be had. */
  #send(body: string, headers: Record<string, string>): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const asking = request(this.#url, { method: 'POST', agent: this.#agent, headers });
      asking.once('error', reject);
      asking.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.once('error', reject);
        response.once('end', () => {
          if (response.statusCode === 201 || response.statusCode === 200) resolve(text);
          else if (response.statusCode === 503) resolve(undefined);
          else reject(new Error(`answered ${response.statusCode}: ${text}`));
        });
      });
      asking.end(body);
    });
  }
}

function isWholeAnswer(answer: string): boolean {
  return answer.endsWith('}\n');
}

/** A stream that the service ended early has an error beside `done`. */
function isWholeStream(answer: string): boolean {
  const last = answer.trimEnd().split('\n').at(-1) ?? '';
  return last.startsWith('{"done":') && !last.includes('"error"');
}
