import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppendError, type Appended, MAX_PUBLISHED_BYTES, type NewEvent } from '../feed/appending.ts';
import type { FeedName } from '../feed/name.ts';
import { Problem } from '../problem/problem.ts';
import type { Publisher } from '../source/publish.ts';
import { byteOrderMarkLength, type EventSpec, newEvent } from '../source/publish-event.ts';
import { PublishedFrames } from '../source/publish-frames.ts';
import { PublishedLines } from '../source/publish-lines.ts';
import { refusalOf } from '../source/publish-refusals.ts';
import { toProblem } from './answer-problem.ts';
import { PublishAcks } from './publish-acks.ts';
import { type BodyOptions, ClientGone, chunksOf } from './publish-body.ts';
import type { PublishRequest } from './publish-request.ts';

export interface StreamOptions {
  readonly publisher: Publisher;
  readonly name: FeedName;
  readonly wanted: PublishRequest;
  readonly options: BodyOptions;
}

/** Reading stops while so much waits to be kept. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** At most so many events are kept and acknowledged at once, so that the loop is not held. */
const MAX_TOGETHER = 2_048;

/** One event of a stream, or why it cannot be one. */
interface Item {
  readonly number: number;
  readonly event: NewEvent | Problem;
}

/**
 * A body of events without end, each acknowledged in order (docs/protocol.md, "Streams"). What was sent before the publisher left is
 * kept; what it has not finished is not.
 */
export async function publishStream(stream: StreamOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const acks = new PublishAcks(response, stream.wanted);
  const intake = new Intake(stream.wanted);
  const publishing = new Publishing(stream, intake, acks);
  const failure = await read(intake, publishing, request, stream.options).catch((error: unknown) => error);
  if (failure === undefined) intake.end();
  await publishing.finish();
  if (failure instanceof ClientGone) throw failure;
  const problem = publishing.failure ?? (failure === undefined ? undefined : toProblem(failure));
  // Where nothing has been said yet, the refusal is the answer.
  if (problem !== undefined && !acks.hasBegun) throw problem;
  acks.end(intake.skipped, problem);
}

/** Reads until the body ends, or nothing more can be kept. */
async function read(
  intake: Intake,
  publishing: Publishing,
  request: IncomingMessage,
  { idleMs, signal }: BodyOptions,
): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  publishing.onFailure = end;
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    for await (const chunk of chunksOf(request, { idleMs, signal: ending.signal })) {
      intake.push(chunk);
      await publishing.room();
    }
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** Takes the body apart: what waits to be kept. */
class Intake {
  readonly #wanted: PublishRequest;
  readonly #parser: PublishedLines | PublishedFrames;
  #waiting: Item[] = [];
  #isFirst = true;
  #number = 0;
  waitingBytes = 0;
  /** Control events that have been passed over: they are those of the feed that is copied. */
  skipped = 0;

  constructor(wanted: PublishRequest) {
    this.#wanted = wanted;
    this.#parser =
      wanted.form === 'sse'
        ? new PublishedFrames(MAX_PUBLISHED_BYTES, ({ data, type }) => this.#frame(data, type))
        : new PublishedLines(MAX_PUBLISHED_BYTES, (line) => this.#line(line));
  }

  push(chunk: Buffer): void {
    this.#parser.push(chunk);
  }

  /** The body has ended as it should: a last line needs no line end. */
  end(): void {
    if (this.#parser instanceof PublishedLines) this.#parser.end();
  }

  /** The next of those that wait, in order. */
  take(): Item[] {
    const items = this.#waiting.splice(0, MAX_TOGETHER);
    for (const { event } of items) this.waitingBytes -= sizeOf(event);
    return items;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  #line(bytes: Buffer | undefined): void {
    this.#number += 1;
    const isJson = this.#wanted.form === 'ndjson';
    const line = bytes === undefined ? undefined : this.#trimmed(bytes);
    if (isJson && line !== undefined && isBlank(line)) return;
    this.#add(line, this.#wanted.type, isJson);
  }

  #frame(data: Buffer | undefined, type: Buffer | undefined): void {
    const name = type?.toString() ?? this.#wanted.type;
    if (name?.startsWith('feed.')) {
      this.skipped += 1;
      return;
    }
    this.#number += 1;
    this.#add(data, name, false);
  }

  #add(bytes: Buffer | undefined, type: string | undefined, isJson: boolean): void {
    const key = this.#wanted.key === undefined ? undefined : `${this.#wanted.key}/${this.#number}`;
    const event = eventOf(bytes, { type, key, isJson });
    this.#waiting.push({ number: this.#number, event });
    this.waitingBytes += sizeOf(event);
  }

  /** Without the CR of a CRLF, and the first line without a byte order mark. */
  #trimmed(bytes: Buffer): Buffer {
    const start = this.#isFirst ? byteOrderMarkLength(bytes) : 0;
    this.#isFirst = false;
    return bytes.subarray(start, bytes[bytes.length - 1] === 13 ? -1 : bytes.length);
  }
}

/** Keeps what waits, one lot after the other: while one is written the next gathers, and none can overtake another that failed. */
class Publishing {
  readonly #stream: StreamOptions;
  readonly #intake: Intake;
  readonly #acks: PublishAcks;
  #running: Promise<void> | undefined;
  #lot: Promise<void> | undefined;
  #hasAppended = false;
  /** Why nothing more can be kept. */
  failure: Problem | undefined;
  onFailure: (() => void) | undefined;

  constructor(stream: StreamOptions, intake: Intake, acks: PublishAcks) {
    this.#stream = stream;
    this.#intake = intake;
    this.#acks = acks;
  }

  /** Begins to keep what waits; resolves at once unless too much waits. */
  async room(): Promise<void> {
    this.#running ??= this.#run();
    while (this.#intake.waitingBytes > MAX_WAITING_BYTES && this.failure === undefined) await (this.#lot ?? this.#running);
  }

  /** Resolves when nothing waits any more. */
  async finish(): Promise<void> {
    while (this.#running !== undefined || !this.#intake.isEmpty) {
      this.#running ??= this.#run();
      await this.#running;
      if (this.failure !== undefined) return;
    }
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    // What comes in the same turn is kept together; and this function may not end before it is known to run.
    await Promise.resolve();
    while (!this.#intake.isEmpty && this.failure === undefined) {
      this.#lot = this.#keep(this.#intake.take()).catch((error: unknown) => {
        this.failure = toProblem(error);
        this.onFailure?.();
      });
      await this.#lot;
    }
    this.#lot = undefined;
    this.#running = undefined;
  }

  async #keep(items: readonly Item[]): Promise<void> {
    const { publisher, name, wanted } = this.#stream;
    const events = items.map(({ event }) => event).filter((event): event is NewEvent => !(event instanceof Problem));
    let outcomes: readonly (Appended | AppendError)[] = [];
    if (events.length > 0) {
      outcomes = await publisher.append(name, events, this.#hasAppended ? {} : wanted.condition);
      this.#hasAppended = true;
    }
    let next = 0;
    this.#acks.write(
      items.map(({ number, event }) => {
        if (event instanceof Problem) return { number, outcome: event };
        const outcome = outcomes[next] as Appended | AppendError;
        next += 1;
        return { number, outcome: outcome instanceof AppendError ? refusalOf(outcome, name) : outcome };
      }),
    );
    await this.#acks.drained(this.#stream.options.idleMs);
  }
}

function eventOf(bytes: Buffer | undefined, spec: EventSpec): NewEvent | Problem {
  try {
    return newEvent(bytes, spec);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/** What an event costs while it waits. */
function sizeOf(event: NewEvent | Problem): number {
  return (event instanceof Problem ? 0 : event.data.length) + 200;
}

function isBlank(line: Buffer): boolean {
  return (line[0] ?? 0) <= 0x20 && line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
