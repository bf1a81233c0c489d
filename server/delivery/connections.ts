import { randomBytes } from 'node:crypto';
import type { Filter } from '../feed/filter/filter.ts';
import type { Located } from '../feed/log.ts';
import type { Position } from '../feed/position.ts';
import type { FeedSet } from '../feed/set/feed-set.ts';
import type { SetPosition } from '../feed/set/set-position.ts';
import type { Vector } from '../feed/set/vector.ts';
import type { Format } from './format.ts';

/** Other feeds for a connection: followed already, so that what is written from now on comes. */
export interface Change {
  readonly set: FeedSet;
  readonly head: Located;
  /** To be called once: when the connection reads them no longer, or never does. */
  release(): void;
}

/** A live connection whose feeds can be changed. */
export class Connection {
  /** Nobody guesses it: who has it may change what the connection reads. */
  readonly id = randomBytes(16).toString('base64url');
  readonly format: Format;
  /** Through which it reads its feeds. */
  readonly filter: Filter | undefined;
  /** Where it is; undefined before it has a place. */
  place: { readonly position: Position } | undefined;
  #change: Change | undefined;
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(format: Format, filter: Filter | undefined) {
    this.format = format;
    this.filter = filter;
  }

  /** Its places in feeds that have left. */
  get left(): Vector | undefined {
    return (this.place?.position as SetPosition | undefined)?.left;
  }

  /** Asks for other feeds; of several requests before the change is made, the last counts. False: the connection has ended. */
  request(change: Change): boolean {
    const unused = this.#isOver ? change : this.#change;
    unused?.release();
    if (this.#isOver) return false;
    this.#change = change;
    this.#wake();
    return true;
  }

  /** The next change, for its caller to release; undefined where the connection has ended. */
  async next(closed: AbortSignal): Promise<Change | undefined> {
    if (this.#change === undefined && !closed.aborted)
      await new Promise<void>((resolve) => {
        const stop = () => {
          closed.removeEventListener('abort', stop);
          resolve();
        };
        this.#wake = stop;
        closed.addEventListener('abort', stop);
      });
    const change = this.#change;
    this.#change = undefined;
    if (!closed.aborted) return change;
    this.#isOver = true;
    change?.release();
    return undefined;
  }
}

/** The live connections whose feeds can be changed, by the id that `feed.open` tells. */
export class Connections {
  readonly #connections = new Map<string, Connection>();

  get(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  /** Opens one; to be closed with `remove`. */
  add(format: Format, filter?: Filter): Connection {
    const connection = new Connection(format, filter);
    this.#connections.set(connection.id, connection);
    return connection;
  }

  remove({ id }: Connection): void {
    this.#connections.delete(id);
  }
}
