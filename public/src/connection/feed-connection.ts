import { serviceNews } from './back.ts';
import { backoffMs } from './backoff.ts';
import type { ControlData, ControlType } from './protocol.ts';
import type { StreamEnd } from './read-stream.ts';
import type { Refusal } from './refusal.ts';

/** Why the page has no stream just now: shown in words. */
export type Loss = 'unreachable' | 'silent' | 'shutdown' | 'removed' | 'unknown-feed';

export type ConnectionState =
  | { readonly is: 'connecting'; readonly again: boolean }
  | { readonly is: 'live' }
  | { readonly is: 'waiting'; readonly untilMs: number; readonly loss: Loss }
  | { readonly is: 'refused'; readonly refusal: Refusal }
  | { readonly is: 'closed' };

/** Where a stream tells what comes. What it tells after it has been closed is not heard. */
export interface StreamSink {
  /** A plain message, or several that have been taken together: the cursor behind them. */
  message(id: string, take: () => void): void;
  control(type: ControlType, data: ControlData, id: string): void;
  /** It has ended, or could not begin. */
  failed(end: StreamEnd): void;
}

export type OpenStream = (url: string, sink: StreamSink) => { close(): void };

export interface ConnectionListener {
  control(type: ControlType, data: ControlData, id: string): void;
  state(state: ConnectionState): void;
}

export interface ConnectionOptions {
  /** The address without `lastEventId`, which is added at each return. */
  readonly url: string;
  /** Where to begin, if not where `url` says. */
  readonly lastEventId?: string;
  readonly listener: ConnectionListener;
  /** What reads the stream, and gives its messages to whoever wants them. */
  readonly open: OpenStream;
}

const BEAT_MS = 5_000;
/** With so long without any event, also a beat, the connection is dead, whatever the socket says. */
export const SILENCE_MS = 2.5 * BEAT_MS;

/**
 * One feed, followed for as long as the page wants it. No EventSource: its return cannot be seen, counted down or hurried, it gives up
 * for good on an error status, and never ends where a socket is silently dead.
 */
export class FeedConnection {
  readonly #options: ConnectionOptions;
  readonly #onlineAgain = () => this.tryNow();
  /** Who was refused has had an answer. */
  readonly #backAgain = () => void (this.state.is === 'waiting' && this.#connect());
  #stream: { close(): void } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastEventId: string;
  #attempt = 0;
  state: ConnectionState = { is: 'closed' };

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#lastEventId = options.lastEventId ?? '';
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  open(): void {
    globalThis.addEventListener('online', this.#onlineAgain);
    serviceNews.addEventListener('back', this.#backAgain);
    this.#connect();
  }

  close(): void {
    globalThis.removeEventListener('online', this.#onlineAgain);
    serviceNews.removeEventListener('back', this.#backAgain);
    this.#disconnect();
    this.#enter({ is: 'closed' });
  }

  /** Ends the wait, if there is one. */
  tryNow(): void {
    if (this.state.is === 'waiting' || this.state.is === 'refused') this.#connect();
  }

  #connect(): void {
    this.#disconnect();
    this.#enter({ is: 'connecting', again: this.#attempt > 0 });
    let isOpen = true;
    const only = (tell: () => void) => isOpen && tell();
    const stream = this.#options.open(this.#address(), {
      message: (id, take) => only(() => this.#message(id, take)),
      control: (type, data, id) => only(() => this.#control(type, data, id)),
      failed: (end) => only(() => this.#failed(end)),
    });
    this.#stream = {
      close: () => {
        isOpen = false;
        stream.close();
      },
    };
    this.#awaitSign();
  }

  #address(): string {
    if (this.#lastEventId === '') return this.#options.url;
    const divider = this.#options.url.includes('?') ? '&' : '?';
    return `${this.#options.url}${divider}lastEventId=${encodeURIComponent(this.#lastEventId)}`;
  }

  #message(id: string, take: () => void): void {
    this.#sign(id);
    take();
  }

  #control(type: ControlType, data: ControlData, id: string): void {
    this.#sign(id);
    if (type === 'feed.open') {
      this.#attempt = 0;
      this.#enter({ is: 'live' });
    }
    this.#options.listener.control(type, data, id);
    if (type === 'feed.closing') this.#closing(data);
  }

  /** Something came: the connection lives, and the place moves on. */
  #sign(id: string): void {
    if (id !== '') this.#lastEventId = id;
    this.#awaitSign();
  }

  #awaitSign(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#wait('silent'), SILENCE_MS);
  }

  #closing({ reason, retry }: ControlData): void {
    const loss = reason === 'removed' || reason === 'unknown-feed' ? reason : 'shutdown';
    this.#wait(loss, retry);
  }

  #failed({ refusal, isSilent = false }: StreamEnd): void {
    if (refusal === undefined) this.#wait(isSilent ? 'silent' : 'unreachable');
    else {
      this.#disconnect();
      this.#enter({ is: 'refused', refusal });
    }
  }

  #wait(loss: Loss, askedMs?: number): void {
    this.#disconnect();
    this.#attempt += 1;
    const waitMs = askedMs ?? backoffMs(this.#attempt, Math.random());
    this.#timer = setTimeout(() => this.#connect(), waitMs);
    this.#enter({ is: 'waiting', untilMs: Date.now() + waitMs, loss });
  }

  #disconnect(): void {
    clearTimeout(this.#timer);
    this.#stream?.close();
    this.#stream = undefined;
  }

  #enter(state: ConnectionState): void {
    this.state = state;
    this.#options.listener.state(state);
  }
}
