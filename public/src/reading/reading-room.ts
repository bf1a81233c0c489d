import type { HistoryPage } from '../connection/page-request.ts';
import type { ControlData, ControlType } from '../connection/protocol.ts';
import type { StreamEnd } from '../connection/read-stream.ts';
import type { Seen } from '../feeds/last-seen.ts';
import type { Asked } from '../log/service-filter.ts';
import { connectTabs } from '../tabs/connect.ts';
import { Desk } from './desk.ts';
import type { OlderRows } from './merged-past.ts';
import type { Answer, Arrival, PagePlace, Request } from './messages.ts';

/** Who hears what comes of a stream. */
export interface StreamListener {
  lines(arrival: Arrival): void;
  control(type: ControlType, data: ControlData, id: string): void;
  failed(end: StreamEnd): void;
}

const WORKER = '/assets/worker.js';
const ALL = 1_000;

/** Reads feeds beside the page, in a worker; where there can be none, in the page. */
export class ReadingRoom {
  readonly #listeners = new Map<number, StreamListener>();
  readonly #pages = new Map<number, (answer: HistoryPage | undefined) => void>();
  readonly #older = new Map<number, (answer: OlderRows | undefined) => void>();
  #send: (request: Request) => void;
  #share: () => void = () => undefined;
  #number = 0;
  /** What has been asked before anything was answered: a worker whose script cannot be had says so late. */
  #early: Request[] | undefined = [];

  constructor(makeWorker: () => Worker = () => new Worker(WORKER, { type: 'module' })) {
    this.#send = this.#askWorker(makeWorker) ?? this.#askHere();
  }

  /** Reads a stream until it is closed. */
  open(feed: string, url: string, seen: Seen | undefined, listener: StreamListener): { close(): void } {
    this.#number += 1;
    const stream = this.#number;
    this.#listeners.set(stream, listener);
    this.#ask({ do: 'open', stream, feed, url, seen });
    return {
      close: () => {
        if (this.#listeners.delete(stream)) this.#ask({ do: 'close', stream });
      },
    };
  }

  /** Lines of the history. Throws where the service does not give them. */
  async page(feed: string, place: PagePlace, signal: AbortSignal, limit = ALL, asked?: Asked): Promise<HistoryPage> {
    signal.throwIfAborted();
    this.#number += 1;
    const page = this.#number;
    const answered = new Promise<HistoryPage | undefined>((resolve) => this.#pages.set(page, resolve));
    const abort = () => this.#ask({ do: 'abort', page });
    signal.addEventListener('abort', abort);
    this.#ask({ do: 'page', page, feed, place, limit, asked });
    const answer = await answered;
    signal.removeEventListener('abort', abort);
    if (answer === undefined) throw new Error(`no lines of ${feed} came`);
    return answer;
  }

  /** Rows of feeds that are read together, before those that have come. Throws where the service does not give them. */
  async older(feed: string, signal: AbortSignal): Promise<OlderRows> {
    signal.throwIfAborted();
    this.#number += 1;
    const page = this.#number;
    const answered = new Promise<OlderRows | undefined>((resolve) => this.#older.set(page, resolve));
    const abort = () => this.#ask({ do: 'abort', page });
    signal.addEventListener('abort', abort);
    this.#ask({ do: 'older', page, feed });
    const answer = await answered;
    signal.removeEventListener('abort', abort);
    if (answer === undefined) throw new Error(`no older lines of ${feed} came`);
    return answer;
  }

  #ask(request: Request): void {
    this.#early?.push(request);
    this.#send(request);
  }

  #giveUpWorker(): void {
    if (this.#early === undefined) return;
    this.#send = this.#askHere();
    for (const request of this.#early) this.#send(request);
    this.#early = undefined;
  }

  #askWorker(makeWorker: () => Worker): ((request: Request) => void) | undefined {
    try {
      const worker = makeWorker();
      worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#hear(data);
      worker.onerror = () => this.#giveUpWorker();
      this.#share = () => share((request, moved = []) => worker.postMessage(request, moved));
      this.#share();
      return (request) => worker.postMessage(request);
    } catch {
      return undefined;
    }
  }

  #askHere(): (request: Request) => void {
    const desk = new Desk((answer) => queueMicrotask(() => this.#hear(answer)));
    this.#share = () => share((request) => desk.handle(request));
    this.#share();
    return (request) => desk.handle(request);
  }

  #hear(answer: Answer): void {
    this.#early = undefined;
    if (answer.is === 'share') this.#share();
    else if (answer.is === 'page') {
      this.#pages.get(answer.page)?.(answer.answer);
      this.#pages.delete(answer.page);
    } else if (answer.is === 'older') {
      this.#older.get(answer.page)?.(answer.answer);
      this.#older.delete(answer.page);
    } else this.#ofStream(answer);
  }

  #ofStream(answer: Exclude<Answer, { is: 'share' | 'page' | 'older' }>): void {
    const listener = this.#listeners.get(answer.stream);
    if (answer.is === 'lines') {
      // First: what the page fails at with one of them must not stop the reading.
      this.#ask({ do: 'taken', stream: answer.stream });
      listener?.lines(answer.arrival);
    } else if (answer.is === 'control') listener?.control(answer.type, answer.data, answer.id);
    else listener?.failed(answer.end);
  }
}

/** Each who reads has a port of its own to the connection of all tabs, where there can be one. */
function share(ask: (request: Request, moved?: Transferable[]) => void): void {
  const port = connectTabs(() => ask({ do: 'read-alone' }));
  if (port !== undefined) ask({ do: 'share', port }, [port]);
}
