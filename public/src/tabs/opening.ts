import type { StreamEvent } from '../connection/sse-events.ts';
import { charactersOf } from './outbox.ts';

/** With more, a tab is given what there is. */
const MAX_CHARACTERS = 1_000_000;

/** Gathers how a stream begins, so that a tab opens with all of its first lines at once, however they came. */
export class Opening {
  readonly #give: (event: StreamEvent) => void;
  #events: StreamEvent[] = [];
  #characters = 0;
  #isOver: boolean;

  /** `isOver`: the stream has begun already, and what comes is given as it comes. */
  constructor(give: (event: StreamEvent) => void, isOver: boolean) {
    this.#give = give;
    this.#isOver = isOver;
  }

  push(event: StreamEvent): void {
    this.#events.push(event);
    this.#characters += charactersOf(event);
    if (this.#isOver || this.#characters > MAX_CHARACTERS) this.release();
  }

  release(): void {
    this.#isOver = true;
    for (const event of this.#events) this.#give(event);
    this.#events = [];
  }
}
