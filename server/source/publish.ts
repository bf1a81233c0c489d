import { type AppendableLog, type AppendCondition, AppendError, type Appended, type NewEvent } from '../feed/appending.ts';
import { type Cursor, parseCursor } from '../feed/cursor.ts';
import type { Journals } from '../feed/journal/journals.ts';
import type { Retention } from '../feed/journal/retention.ts';
import type { FeedName } from '../feed/name.ts';
import type { Feed, Registry } from '../feed/registry.ts';
import type { PublishCondition } from './publish-condition.ts';
import { feedGone, notPublishable, refusalOf, reservedName, tooManyFeeds, wrongHead } from './publish-refusals.ts';
import { Turns } from './publish-turns.ts';

export interface PublisherOptions {
  readonly registry: Registry;
  readonly journals: Journals;
  /** At most so many published feeds. */
  readonly maxFeeds: number;
}

/** No log ever has this head: where an event may not be appended in any case, its key is still looked up first. */
const NEVER_HEAD = '-' as Cursor;
const RESERVED = 'livefeed';

/** Writes what somebody publishes into feeds of ours, which it makes, and removes when asked. */
export class Publisher {
  readonly #registry: Registry;
  readonly #journals: Journals;
  readonly #maxFeeds: number;
  readonly #logs = new Map<Feed, AppendableLog>();
  readonly #turns = new Turns<FeedName>();

  constructor({ registry, journals, maxFeeds }: PublisherOptions) {
    this.#registry = registry;
    this.#journals = journals;
    this.#maxFeeds = maxFeeds;
  }

  /** Makes feeds of the journals that are there, and answers the names that other feeds have already. */
  addKept(isTaken: (name: FeedName) => boolean): FeedName[] {
    const names = this.#journals.names();
    const hidden = new Set(names.filter(isTaken));
    for (const name of names) {
      const log = this.#journals.get(name);
      if (log !== undefined && !hidden.has(name)) this.#add(name, log);
    }
    return [...hidden];
  }

  /** Throws Problem where `name` cannot be published to, whatever is published. */
  check(name: FeedName): void {
    const feed = this.#registry.get(name);
    if (feed !== undefined && !this.#logs.has(feed)) throw notPublishable(feed);
    if (isReserved(name)) throw reservedName(name);
  }

  /** Whether `name` can be published to. */
  takes(name: FeedName): boolean {
    return this.#logOf(name) !== undefined || (this.#registry.get(name) === undefined && !isReserved(name));
  }

  /** Appends events in order, into a new feed where there is none. One outcome each once they are kept; throws Problem where none is. */
  async append(
    name: FeedName,
    events: readonly NewEvent[],
    condition: PublishCondition = {},
  ): Promise<readonly (Appended | AppendError)[]> {
    const { log, isNew } = await this.#logFor(name, condition);
    try {
      return await log.append(events, await appendCondition(log, condition, isNew));
    } catch (error) {
      // What cannot be written can perhaps not be removed either; the first failure is the one to tell.
      if (isNew) await this.#removeEmpty(name).catch(() => undefined);
      throw error instanceof AppendError ? refusalOf(error, name) : error;
    }
  }

  /** Sets how long the events of a feed are kept; makes the feed where there is none. */
  async retain(
    name: FeedName,
    retention: Partial<Retention>,
  ): Promise<{ readonly isNew: boolean; readonly retention: Retention }> {
    const { isNew } = await this.#logFor(name, {});
    const kept = await this.#turns.take(name, async () => {
      if (this.#logOf(name) === undefined) throw feedGone(name);
      return this.#journals.setRetention(name, retention);
    });
    return { isNew, retention: kept };
  }

  /** Removes a feed with all that it holds; whether there was one. Its readers are told. */
  async remove(name: FeedName): Promise<boolean> {
    return this.#turns.take(name, async () => {
      this.check(name);
      const feed = this.#registry.get(name);
      if (feed === undefined) return false;
      await this.#removeNow(feed);
      return true;
    });
  }

  #logOf(name: FeedName): AppendableLog | undefined {
    const feed = this.#registry.get(name);
    return feed === undefined ? undefined : this.#logs.get(feed);
  }

  async #logFor(name: FeedName, condition: PublishCondition): Promise<{ readonly log: AppendableLog; readonly isNew: boolean }> {
    const known = this.#turns.isTaken(name) ? undefined : this.#logOf(name);
    if (known !== undefined) return { log: known, isNew: false };
    return this.#turns.take(name, async () => {
      this.check(name);
      const log = this.#logOf(name);
      if (log !== undefined) return { log, isNew: false };
      if (condition.ifMatch !== undefined) throw wrongHead(name, undefined);
      if (this.#logs.size >= this.#maxFeeds) throw tooManyFeeds(this.#maxFeeds);
      const made = this.#journals.create(name);
      this.#add(name, made);
      return { log: made, isNew: true };
    });
  }

  /** A feed that was made for an event that then was not kept goes again, unless it has been published to meanwhile. */
  async #removeEmpty(name: FeedName): Promise<void> {
    await this.#turns.take(name, async () => {
      const feed = this.#registry.get(name);
      if (feed !== undefined && this.#logs.has(feed) && feed.log.stats.lastEventAt === null) await this.#removeNow(feed);
    });
  }

  async #removeNow(feed: Feed): Promise<void> {
    this.#logs.delete(feed);
    await this.#registry.remove(feed.name);
    await this.#journals.remove(feed.name);
  }

  #add(name: FeedName, log: AppendableLog): void {
    this.#logs.set(this.#registry.add({ name, source: 'publish', log }), log);
  }
}

function isReserved(name: FeedName): boolean {
  return name === RESERVED || name.startsWith(`${RESERVED}/`);
}

/** Only what is the head can match, so of several cursors that one is meant, or else any. */
async function appendCondition(
  log: AppendableLog,
  { ifMatch, isNew: mustBeNew }: PublishCondition,
  isNew: boolean,
): Promise<AppendCondition | undefined> {
  if (mustBeNew === true && !isNew) return { head: NEVER_HEAD };
  if (ifMatch === undefined || ifMatch === '*') return undefined;
  if (ifMatch.length === 1) return { head: parseCursor(ifMatch[0] ?? '') ?? NEVER_HEAD };
  const { cursor } = await log.locate({ at: 'head' }, new AbortController().signal);
  return { head: ifMatch.includes(cursor) ? cursor : NEVER_HEAD };
}
