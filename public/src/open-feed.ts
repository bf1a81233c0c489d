import type { ConnectionState } from './connection/feed-connection.ts';
import type { FeedMemory } from './feeds/feed-memory.ts';
import type { Seen } from './feeds/last-seen.ts';
import { isTogether } from './feeds/together.ts';
import { FollowedFeed } from './followed-feed.ts';
import { History, type OpenHistory } from './history.ts';
import { Journey } from './journey.ts';
import type { Added, Place } from './log/chunk-store.ts';
import type { Asked } from './log/service-filter.ts';
import { MergedHistory } from './merged-history.ts';
import type { FeedLines } from './places/find-line.ts';
import { ReadingRoom } from './reading/reading-room.ts';
import type { Unfinished } from './view/row-element.ts';

export interface OpenFeedOptions {
  readonly memory: FeedMemory;
  maxBytes(): number;
  /** How long a feed is, as the list of feeds has it. */
  bytesOf(name: string): number;
  arrived(added: readonly Added[]): void;
  unfinished(line: Unfinished | null): void;
  stateChanged(state: ConnectionState): void;
  /** Lines of the history have come. */
  loaded(): void;
  /** As HistoryOptions. */
  asked(): Asked | undefined;
  /** A journey has got there. */
  cameTo(place: Place): void;
}

/** The feed that is open: what is read of it, its history, and where it had been left. */
export class OpenFeed {
  readonly #options: OpenFeedOptions;
  readonly #room = new ReadingRoom();
  feed: FollowedFeed | undefined;
  history: OpenHistory | undefined;
  /** Where it had been left when it was last open. */
  left: Seen | undefined;
  #journey: Journey | undefined;

  constructor(options: OpenFeedOptions) {
    this.#options = options;
  }

  /** Its lines and their history. */
  get lines(): FeedLines | undefined {
    const { feed, history } = this;
    return feed === undefined || history === undefined ? undefined : { name: feed.name, store: feed.store, history };
  }

  /** Another one; it is not connected yet. */
  change(name: string | undefined): void {
    this.remember();
    this.feed?.connection.close();
    this.history?.close();
    this.feed = name === undefined ? undefined : this.#feedOf(name);
    this.history = this.feed && this.#historyOf(this.feed);
    this.#journey = this.history && new Journey(this.history, (place) => this.#options.cameTo(place));
  }

  /** Up to where it has been seen. Nobody sees what comes to a page in the background. */
  remember(): void {
    if (this.feed === undefined || document.visibilityState === 'hidden') return;
    const { name, connection } = this.feed;
    // A place in several feeds at once is none to come back to in one of them.
    if (isTogether(name)) return;
    this.#options.memory.read(name, connection.lastEventId, this.#options.bytesOf(name));
  }

  /** To a byte of the feed, or to its newest line. */
  goTo(byte: number | undefined): void {
    void this.#journey?.goTo(byte);
  }

  #historyOf(feed: FollowedFeed): OpenHistory {
    const { loaded, asked } = this.#options;
    const room = this.#room;
    return isTogether(feed.name) ? new MergedHistory(feed, room, loaded) : new History(feed, { room, loaded, asked });
  }

  #feedOf(name: string): FollowedFeed {
    const { memory, maxBytes, arrived, unfinished, stateChanged } = this.#options;
    this.left = memory.seen(name);
    const view = { rows: arrived, unfinished, state: stateChanged };
    return new FollowedFeed(name, { maxBytes: maxBytes(), room: this.#room, view, seen: this.left });
  }
}
