import { backoffMs } from './backoff.ts';
import { CONTROL_TYPES, type ControlData, type ControlType, parseControl } from './protocol.ts';
import { findRefusal, type Refusal } from './refusal.ts';

/** Why the page has no stream just now: shown in words. */
export type Loss = 'unreachable' | 'silent' | 'shutdown' | 'removed' | 'unknown-feed';

export type ConnectionState =
  | { readonly is: 'connecting'; readonly again: boolean }
  | { readonly is: 'live' }
  | { readonly is: 'waiting'; readonly untilMs: number; readonly loss: Loss }
  | { readonly is: 'refused'; readonly refusal: Refusal }
  | { readonly is: 'closed' };

export interface ConnectionListener {
  /** A plain message: its data, and the cursor after it. */
  message(data: string, id: string): void;
  control(type: ControlType, data: ControlData, id: string): void;
  state(state: ConnectionState): void;
}

export interface ConnectionOptions {
  /** The address without `lastEventId`, which is added at each return. */
  readonly url: string;
  /** Where to begin, if not where `url` says. */
  readonly lastEventId?: string;
  readonly listener: ConnectionListener;
}

const BEAT_MS = 5_000;
/** With so long without any event, also a beat, the connection is dead, whatever the socket says. */
const SILENCE_MS = 2.5 * BEAT_MS;

/**
 * One feed, followed for as long as the page wants it. It closes and reopens its EventSource itself: the browser's own return
 * cannot be seen, counted down or hurried, gives up for good on an error status, and never ends where a socket is silently dead.
 */
export class FeedConnection {
  readonly #options: ConnectionOptions;
  readonly #onlineAgain = () => this.tryNow();
  #source: EventSource | undefined;
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
    this.#connect();
  }

  close(): void {
    globalThis.removeEventListener('online', this.#onlineAgain);
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
    const source = new EventSource(this.#address());
    this.#source = source;
    source.onmessage = (event: MessageEvent<string>) => this.#message(event);
    for (const type of CONTROL_TYPES) {
      source.addEventListener(type, (event: MessageEvent<string>) => this.#control(type, event));
    }
    source.onerror = () => void this.#failed(source);
    this.#awaitSign();
  }

  #address(): string {
    if (this.#lastEventId === '') return this.#options.url;
    const divider = this.#options.url.includes('?') ? '&' : '?';
    return `${this.#options.url}${divider}lastEventId=${encodeURIComponent(this.#lastEventId)}`;
  }

  #message(event: MessageEvent<string>): void {
    this.#sign(event);
    this.#options.listener.message(event.data, event.lastEventId);
  }

  #control(type: ControlType, event: MessageEvent<string>): void {
    this.#sign(event);
    const data = parseControl(event.data);
    if (type === 'feed.open') {
      this.#attempt = 0;
      this.#enter({ is: 'live' });
    }
    this.#options.listener.control(type, data, event.lastEventId);
    if (type === 'feed.closing') this.#closing(data);
  }

  /** Something came: the connection lives, and the place moves on. */
  #sign(event: MessageEvent<string>): void {
    if (event.lastEventId !== '') this.#lastEventId = event.lastEventId;
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

  /** CONNECTING means that the network failed; CLOSED that the answer was no stream, and then the reason can be had. */
  async #failed(source: EventSource): Promise<void> {
    const wasAnswered = source.readyState === EventSource.CLOSED;
    source.close();
    const refusal = wasAnswered ? await findRefusal(this.#address()) : undefined;
    if (this.#source !== source) return;
    if (refusal === undefined) this.#wait('unreachable');
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
    this.#source?.close();
    this.#source = undefined;
  }

  #enter(state: ConnectionState): void {
    this.state = state;
    this.#options.listener.state(state);
  }
}
