import type { FeedName } from '../name.ts';
import type { Feed } from '../registry.ts';
import type { FilteredLog } from './filtered-log.ts';

/** A feed as a filter shows it. Who reads it counts among the readers of the feed. */
export class FilteredFeed {
  readonly source: Feed;
  readonly log: FilteredLog;
  /** Set where what it shows cannot be found out any more. */
  isEnded = false;
  #readers = 0;

  constructor(source: Feed, log: FilteredLog) {
    this.source = source;
    this.log = log;
  }

  get name(): FeedName {
    return this.source.name;
  }

  /** Tells all who follow of what has been hidden from them until now. */
  flush(): void {
    this.log.flush();
  }

  get readers(): number {
    return this.#readers;
  }

  set readers(count: number) {
    this.source.readers += count - this.#readers;
    this.#readers = count;
  }
}
