import type { Located, Start } from '../feed/log.ts';
import type { Position } from '../feed/position.ts';
import type { FeedSet } from '../feed/set/feed-set.ts';
import type { Change } from './connections.ts';
import type { Format } from './format.ts';
import type { Latest } from './latest.ts';
import type { Subscriber } from './subscriber.ts';

/** What one client asks for. */
export interface Wish {
  readonly start: Start;
  /** Where a replay ends; undefined: at the head. */
  readonly until?: Start | undefined;
  /** A replay ends after so many events. */
  readonly limit?: number | undefined;
  readonly format: Format;
  readonly beatMs: number | undefined;
  /** Where the head was before the client was answered; where it is not given, a start at the head is found later. */
  readonly head?: Located;
  /** Given first, in place of what lies between its start and its end. */
  readonly latest?: Latest | undefined;
}

/** A feed that is followed already, for a client that has not been answered yet. */
export interface Attendance {
  readonly head: Located;
  release(): void;
}

/** Where a connection has left feeds for others. */
export interface Left {
  readonly change: Change;
  readonly from: FeedSet;
  readonly position: Position;
}

/** A reader who is being given what comes. */
export interface Stage {
  readonly subscriber: Subscriber;
  /** Resolves when what had been begun has been given. */
  leave(): Promise<void>;
}
