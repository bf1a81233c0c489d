import type { StreamEvent } from '../connection/sse-events.ts';

/** A tab that has so much to take is given no more: it gets the rest from the log, when it has taken that. */
const MAX_UNTAKEN_CHARACTERS = 4_000_000;
/** What an event takes besides its text. */
const EVENT_CHARACTERS = 100;

export type PostEvents = (events: readonly StreamEvent[], characters: number) => void;

/** The way to one tab: what came together goes together, and what has not been taken is counted. */
export class Outbox {
  readonly #post: PostEvents;
  #events: StreamEvent[] = [];
  #waiting = 0;
  #untaken = 0;
  #emptied: (() => void) | undefined;

  constructor(post: PostEvents) {
    this.#post = post;
  }

  get isFull(): boolean {
    return this.#untaken + this.#waiting > MAX_UNTAKEN_CHARACTERS;
  }

  push(event: StreamEvent): void {
    if (this.#events.length === 0) queueMicrotask(() => this.flush());
    this.#events.push(event);
    this.#waiting += charactersOf(event);
  }

  flush(): void {
    if (this.#events.length === 0) return;
    const [events, characters] = [this.#events, this.#waiting];
    this.#events = [];
    this.#waiting = 0;
    this.#untaken += characters;
    this.#post(events, characters);
  }

  taken(characters: number): void {
    this.#untaken -= characters;
    if (this.#untaken === 0) this.#emptied?.();
  }

  /** Resolves when everything has been taken; at once where there is room. One waits at a time, who ends it by `taken` alone. */
  async room(): Promise<void> {
    this.flush();
    if (this.isFull) await new Promise<void>((resolve) => (this.#emptied = resolve));
  }
}

export function charactersOf({ data }: StreamEvent): number {
  return data.length + EVENT_CHARACTERS;
}
