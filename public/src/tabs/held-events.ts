import type { StreamEvent } from '../connection/sse-events.ts';
import { charactersOf } from './outbox.ts';

/** With more, all are let go: what came meanwhile is read from the log as well. */
const MAX_HELD_CHARACTERS = 1_000_000;

/** What comes of a feed while the tab is still given what was before. */
export class HeldEvents {
  #events: StreamEvent[] | undefined = [];
  #characters = 0;

  add(event: StreamEvent): void {
    this.#characters += charactersOf(event);
    if (this.#characters > MAX_HELD_CHARACTERS) this.#events = undefined;
    else this.#events?.push(event);
  }

  /** There is a hole in what comes. */
  spoil(): void {
    this.#events = undefined;
  }

  /** All that has come; undefined where that is too much, or not all there was. */
  get all(): readonly StreamEvent[] | undefined {
    return this.#events;
  }
}
