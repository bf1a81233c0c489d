import type { Batch, PartialLine } from './batch.ts';
import type { Cursor } from './cursor.ts';
import type { Follower } from './log.ts';
import type { FeedName } from './name.ts';
import type { Position } from './position.ts';

/** Holds what a log tells before it has said from where on: it comes right behind that place. */
export class EarlyNews implements Follower {
  #follower: Follower | undefined;
  #held: ((follower: Follower) => void)[] = [];

  /** From now on `follower` is told, first what has been held. */
  release(follower: Follower): void {
    this.#follower = follower;
    for (const news of this.#held.splice(0)) news(follower);
  }

  batch(batch: Batch): void {
    this.#tell((follower) => follower.batch(batch));
  }

  partial(partial: PartialLine | null, feed?: FeedName): void {
    this.#tell((follower) => follower.partial(partial, feed));
  }

  jump(position: Position, cursor: Cursor): void {
    this.#tell((follower) => follower.jump?.(position, cursor));
  }

  #tell(news: (follower: Follower) => void): void {
    if (this.#follower === undefined) this.#held.push(news);
    else news(this.#follower);
  }
}
