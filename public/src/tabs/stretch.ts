import type { StreamEvent } from '../connection/sse-events.ts';
import { parseTold } from './told.ts';

/** What of an answer the tab is given: only the first says how its stream begins, and not before it is known that the answer holds. */
export class Stretch {
  readonly request: Readonly<Record<string, string>>;
  #isOpen: boolean;
  #opening: StreamEvent | undefined;
  /** The place where it was to end is gone. */
  isLost = false;
  /** The service has ended it otherwise. */
  isLetGo = false;

  constructor(request: Readonly<Record<string, string>>, isOpen: boolean) {
    this.request = request;
    this.#isOpen = isOpen;
  }

  *given(events: readonly StreamEvent[]): IterableIterator<StreamEvent> {
    for (const event of events) {
      const told = event.type === 'message' ? {} : parseTold(event.data);
      if (event.type === 'feed.open') {
        this.#opening = event;
        this.isLost = 'before' in this.request && told.start === 'gap';
        continue;
      }
      if (told.of === 'until') this.isLost = true;
      if (this.isLost) return;
      if (event.type === 'feed.closing') this.isLetGo = true;
      else yield* this.rest();
      yield event.type === 'feed.closing' ? { ...event, id: undefined } : event;
    }
  }

  /** What has been kept back. */
  *rest(): IterableIterator<StreamEvent> {
    if (!this.#isOpen && this.#opening !== undefined) yield this.#opening;
    this.#isOpen = true;
  }
}
