import { isTogether } from '../feeds/together.ts';
import type { Place } from '../location-hash.ts';
import type { LogView } from '../view/log-view.ts';
import { anchorOf } from './anchor.ts';
import type { Reader } from './reader.ts';

/** The place that the address names: until lines have come to find it among, it is kept; then the address says where the page is. */
export class WantedPlace {
  readonly #view: LogView;
  readonly #reader: Reader;
  #wanted: Place | undefined;

  constructor(view: LogView, reader: Reader) {
    this.#view = view;
    this.#reader = reader;
  }

  want(place: Place): void {
    this.#wanted = place;
  }

  /** There are lines to go to it among. */
  come(): void {
    const { at, time, line, count } = this.#wanted ?? {};
    this.#wanted = undefined;
    if (line !== undefined) void this.#reader.goToAnchor(line, { count: count ?? 1 });
    else if (at !== undefined) void this.#reader.goToAnchor(at, { top: 0 });
    else if (time !== undefined) void this.#reader.goToTime(time, false);
  }

  /** Where the page is, as the address tells it. */
  current(feed: string | undefined): Place {
    const isAtEnd = this.#view.mode === 'following';
    const top = isAtEnd ? undefined : this.#view.list.seen()?.first;
    const { linked } = this.#reader;
    const { at, time, line } = this.#wanted ?? {};
    const wanted = at === undefined && time === undefined && line === undefined ? {} : this.#wanted;
    return {
      feed,
      filter: this.#view.filterText,
      levels: [...this.#view.onlyLevels],
      at: top === undefined || linked !== undefined ? undefined : anchorOf(top),
      time: !isAtEnd && isTogether(feed) ? this.#view.topMs() : undefined,
      ...(isAtEnd ? {} : linked),
      ...wanted,
    };
  }
}
