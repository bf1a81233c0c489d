import { serviceNews } from '../connection/back.ts';
import { type ReadStream, readDirectly, type StreamEnd, type StreamReading } from '../connection/read-stream.ts';
import { holdLock, whenGone } from './life.ts';
import { LIVE_EVERY_MS, type TabAnswer, type TabRequest } from './messages.ts';
import { parseWanted } from './wanted-stream.ts';

/** A worker that says nothing for so long is not there: its script has not come, or it has been ended. */
const UNHEARD_MS = 20_000;

export interface SharedStreamsOptions {
  /** The worker is gone, with the tab that it lived in: another one is to be made, and its port given to `use`. */
  renew(): void;
  readonly unheardMs?: number;
  /** Ends what is not of a stream; a page goes with all that it has. */
  readonly signal?: AbortSignal;
}

interface OpenStream {
  readonly reading: StreamReading;
  /** Something of it has been taken, so that it cannot be read from its start. */
  isBegun: boolean;
  /** What has come is taken in turn. */
  turn: Promise<void>;
  end(end: StreamEnd | 'alone'): void;
}

/** Streams of this tab, read by the connection that all tabs share; those that it cannot give by connections of their own. */
export class SharedStreams {
  /** Undefined while there is no worker. */
  #port: MessagePort | undefined;
  readonly #options: SharedStreamsOptions;
  /** Runs from a question to the next answer to any. */
  #unheard: ReturnType<typeof setTimeout> | undefined;
  /** The worker has said something. */
  #isHeard = false;
  /** That this tab holds. */
  #lock: string | undefined;
  readonly #streams = new Map<number, OpenStream>();
  /** Feeds that have been read by a connection of their own: their places may be ahead of the shared one. */
  readonly #ahead = new Set<string>();
  #number = 0;

  constructor(port: MessagePort, options: SharedStreamsOptions) {
    this.#options = options;
    this.use(port);
    const hasLocks = holdLock((name) => {
      this.#lock = name;
      this.#ask({ do: 'lock', name });
    });
    if (hasLocks) return;
    const living = setInterval(() => this.#ask({ do: 'live' }), LIVE_EVERY_MS);
    options.signal?.addEventListener('abort', () => {
      clearInterval(living);
      clearTimeout(this.#unheard);
    });
  }

  use(port: MessagePort): void {
    clearTimeout(this.#unheard);
    this.#unheard = undefined;
    this.#port = port;
    this.#isHeard = false;
    port.onmessage = ({ data }: MessageEvent<TabAnswer>) => this.#hear(data, port);
    if (this.#lock !== undefined) this.#ask({ do: 'lock', name: this.#lock });
  }

  readonly read: ReadStream = async (url, reading) => {
    const wanted = parseWanted(url);
    if (wanted === undefined) return readDirectly(url, reading);
    const { feed, start } = wanted;
    if ('last' in start) this.#ahead.delete(feed);
    const isAlone = this.#port === undefined || this.#ahead.has(feed);
    const end = isAlone ? 'alone' : await this.#readShared(url, reading);
    if (end !== 'alone' || reading.signal.aborted) return end === 'alone' ? {} : end;
    return readDirectly(url, {
      signal: reading.signal,
      take: (events) => {
        if (events.some(({ type }) => type === 'message')) this.#ahead.add(feed);
        return reading.take(events);
      },
    });
  };

  /** The worker cannot be had: each stream is read by a connection of its own. One that was begun begins again where it was. */
  readAlone(): void {
    this.#port = undefined;
    for (const stream of this.#streams.values()) stream.end(stream.isBegun ? {} : 'alone');
  }

  #gone(port: MessagePort): void {
    if (port !== this.#port) return;
    this.#port = undefined;
    for (const stream of this.#streams.values()) stream.end({});
    this.#options.renew();
  }

  async #readShared(url: string, reading: StreamReading): Promise<StreamEnd | 'alone'> {
    this.#number += 1;
    const stream = this.#number;
    const { signal } = reading;
    const close = () => this.#streams.get(stream)?.end({});
    const ended = new Promise<StreamEnd | 'alone'>((end) => {
      this.#streams.set(stream, { reading, isBegun: false, turn: Promise.resolve(), end });
    });
    signal.addEventListener('abort', close);
    this.#ask({ do: 'open', stream, url });
    this.#unheard ??= setTimeout(() => this.#leaveUnheard(), this.#options.unheardMs ?? UNHEARD_MS);
    if (signal.aborted) close();
    const end = await ended;
    signal.removeEventListener('abort', close);
    this.#streams.delete(stream);
    this.#ask({ do: 'close', stream });
    return end;
  }

  /** One that was there is made anew, one that never was is done without. */
  #leaveUnheard(): void {
    this.#unheard = undefined;
    if (this.#port !== undefined && this.#isHeard) this.#gone(this.#port);
    else this.readAlone();
  }

  #ask(request: TabRequest): void {
    this.#port?.postMessage(request);
  }

  #hear(answer: TabAnswer, port: MessagePort): void {
    if (port !== this.#port) return;
    this.#isHeard = true;
    clearTimeout(this.#unheard);
    this.#unheard = undefined;
    if (answer.is === 'back') serviceNews.dispatchEvent(new Event('back'));
    else if (answer.is === 'lock') whenGone(answer.name, () => this.#gone(port));
    else this.#ofStream(answer);
  }

  #ofStream(answer: TabAnswer & { readonly stream: number }): void {
    const stream = this.#streams.get(answer.stream);
    if (stream === undefined) return;
    if (answer.is === 'events') this.#take(stream, answer);
    else if (answer.is === 'alone') stream.end('alone');
    else if (answer.is === 'ended') stream.turn = stream.turn.then(() => stream.end(answer.end));
  }

  #take(stream: OpenStream, { stream: number, events, characters }: TabAnswer & { is: 'events' }): void {
    const { signal, take } = stream.reading;
    stream.isBegun = true;
    stream.turn = stream.turn.then(async () => {
      if (signal.aborted) return;
      await take(events);
      this.#ask({ do: 'taken', stream: number, characters });
    });
    // What cannot be taken ends the stream, as it does where that is read directly.
    stream.turn = stream.turn.catch(() => stream.end({}));
  }
}
