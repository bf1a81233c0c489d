import assert from 'node:assert/strict';
import { AppendError } from '../../../server/feed/appending.ts';
import type { Batch } from '../../../server/feed/batch.ts';
import type { Cursor } from '../../../server/feed/cursor.ts';
import type { Fsync } from '../../../server/feed/journal/durability.ts';
import type { JournalLog } from '../../../server/feed/journal/journal-log.ts';
import { Journals } from '../../../server/feed/journal/journals.ts';
import { toFeedName } from '../../../server/feed/name.ts';
import { eventsOf, locate, readStart } from '../../conformance/log-reading.ts';
import { type Faults, PowerDisk, type Random, seeded } from './power-disk.ts';

const FEEDS = ['a', 'a/b'].map(toFeedName);
const GONE = toFeedName('gone');
const PUBLISHERS = 3;
const DIR = '/srv/data';

export interface LivesOptions {
  readonly seed: number;
  /** `mixed`: another one in each life. */
  readonly fsync: Fsync | 'mixed';
  readonly lives?: number;
  readonly faults?: (random: Random) => Faults;
}

interface Published {
  readonly feed: (typeof FEEDS)[number];
  readonly data: string;
  readonly key: string;
  isAcknowledged: boolean;
}

/** A service on a disk that loses its power, or that is killed or stopped, again and again; and what may be seen of that. */
export class Lives {
  readonly #options: LivesOptions;
  readonly #random: Random;
  #disk: PowerDisk;
  #boot = 1;
  /** What each publisher has sent, in order. The last may not have been answered: it is sent again. */
  readonly #sent: Published[][] = Array.from({ length: PUBLISHERS }, () => []);
  /** The event before every cursor that a reader has ever been given; null: none. */
  readonly #held = FEEDS.map(() => new Map<Cursor, string | null>());
  #retention = { acknowledged: 0, sent: 0 };
  #gone: 'unsure' | 'gone' = 'gone';
  readonly syncs = new Set<string>();
  refused = 0;
  #isPublishing = false;
  readonly violations: string[] = [];

  constructor(options: LivesOptions) {
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#disk = new PowerDisk(this.#random, this.#faults());
  }

  async run(): Promise<void> {
    await this.#disk.makeFolder('/srv');
    await this.#disk.syncFolder('/');
    for (let life = 0; life < (this.#options.lives ?? 5); life += 1) {
      this.#disk.cutAt = this.#disk.acts + 10 + Math.floor(this.#random() * 300);
      if (this.#random() < 0.3) this.#disk.cutAfterSegments = 1 + Math.floor(this.#random() * 4);
      await this.#live();
      for (const kind of this.#disk.syncs) this.syncs.add(kind);
      this.#die();
    }
    this.#disk.cutAt = Number.POSITIVE_INFINITY;
    this.#disk.cutAfterSegments = Number.POSITIVE_INFINITY;
    const journals = await this.#open();
    await this.#check(journals, true);
    await journals.close();
    assert.deepEqual(this.violations, []);
  }

  /** Publishes until the disk does not answer any more, or the service is stopped. */
  async #live(): Promise<void> {
    const journals = await this.#open().catch(() => undefined);
    if (journals === undefined) return;
    const stopAt = this.#random() < 0.3 ? this.#disk.acts + Math.floor(this.#random() * 200) : Number.POSITIVE_INFINITY;
    let hasFailed = false;
    const isLiving = () => !this.#disk.isOff && this.#disk.acts < stopAt && !hasFailed;
    let isLeft = false;
    try {
      await this.#check(journals);
      // One that is only looked at, and then ends.
      isLeft = this.#random() < 0.25;
      if (isLeft) return;
      await this.#follow(journals);
      this.#isPublishing = true;
      const jobs = this.#sent.map((sent, number) => this.#publish(journals, number, sent, isLiving));
      await Promise.all([...jobs, this.#administer(journals, isLiving)]);
    } catch (error) {
      hasFailed = true;
      if (!this.#disk.isOff) throw error;
    } finally {
      this.#isPublishing = false;
      if (isLeft) this.#disk.turnOff();
      await journals.close().catch((error: unknown) => {
        if (!this.#disk.isOff) throw error;
      });
    }
  }

  #die(): void {
    const isKill = this.#random() < 0.4;
    if (!isKill) this.#boot += 1;
    this.#disk = isKill ? this.#disk.afterKill() : this.#disk.afterCut();
  }

  /** Acts fail only while there is publishing: what is there can be looked at. */
  #faults(): Faults {
    const { fault, ignores } = this.#options.faults?.(this.#random) ?? {};
    return {
      ...(fault === undefined ? {} : { fault: (act, path) => (this.#isPublishing ? fault(act, path) : undefined) }),
      ...(ignores === undefined ? {} : { ignores }),
    };
  }

  async #open(): Promise<Journals> {
    return Journals.open(DIR, {
      files: this.#disk,
      fsync: this.#options.fsync === 'mixed' ? this.#oneOf(['always', 'interval', 'never']) : this.#options.fsync,
      syncEveryMs: 1,
      segmentBytes: this.#oneOf([500, 1_000, 4_000]),
      maxAwake: 1,
      bootId: `boot ${this.#boot}`,
    });
  }

  #oneOf<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  async #publish(journals: Journals, number: number, sent: Published[], isLiving: () => boolean): Promise<void> {
    while (isLiving()) {
      let next = sent.at(-1);
      if (next === undefined || next.isAcknowledged) {
        const feed = this.#oneOf(FEEDS);
        const data = `${number}:${sent.length}${'\nx'.repeat(Math.floor(this.#random() ** 4 * 100))}`;
        next = { feed, data, key: `key ${number} ${sent.length}`, isAcknowledged: false };
        sent.push(next);
      }
      await this.#send(journals, next);
    }
  }

  async #send(journals: Journals, event: Published): Promise<void> {
    try {
      const [outcome] = await journals.create(event.feed).append([{ data: Buffer.from(event.data), key: event.key }]);
      assert.ok(outcome !== undefined && !(outcome instanceof AppendError), `${outcome}`);
      event.isAcknowledged = true;
      this.#hold(event.feed, outcome.cursor, event.data);
    } catch (error) {
      if (!(error instanceof AppendError)) throw error;
      this.refused += 1;
    }
  }

  /** Sets the retention of a feed, and makes and removes another. */
  async #administer(journals: Journals, isLiving: () => boolean): Promise<void> {
    while (isLiving()) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#random() < 0.9) continue;
      try {
        this.#retention.sent += 1;
        const maxBytes = 1_000_000 + this.#retention.sent;
        await journals.setRetention(FEEDS[0] as Published['feed'], { maxBytes });
        this.#retention.acknowledged = this.#retention.sent;
        this.#gone = 'unsure';
        await journals.create(GONE).append([{ data: Buffer.from('x') }]);
        await journals.remove(GONE);
        this.#gone = 'gone';
      } catch (error) {
        if (!(error instanceof Error) || !('code' in error || error instanceof AppendError)) throw error;
      }
    }
  }

  async #follow(journals: Journals): Promise<void> {
    for (const feed of FEEDS) {
      await journals.create(feed).follow({
        batch: (batch) => this.#see(feed, batch),
        partial: () => undefined,
      });
    }
  }

  #see(feed: Published['feed'], batch: Batch): void {
    assert.equal(batch.kind, 'events');
    if (batch.kind === 'events') for (const { cursor, data } of eventsOf(batch)) this.#hold(feed, cursor, data);
  }

  #hold(feed: Published['feed'], cursor: Cursor, data: string | null): void {
    const held = this.#held[FEEDS.indexOf(feed)] as Map<Cursor, string | null>;
    const before = held.get(cursor);
    if (before !== undefined && before !== data) this.violations.push(`${cursor} names another event than it did`);
    held.set(cursor, data);
  }

  async #check(journals: Journals, isLast = false): Promise<void> {
    for (const [index, feed] of FEEDS.entries()) await this.#checkFeed(journals.create(feed), index, isLast);
    const { maxBytes } = await journals.retention(FEEDS[0] as Published['feed']);
    assert.ok(
      maxBytes >= 1_000_000 + this.#retention.acknowledged || this.#retention.acknowledged === 0,
      'a retention has been lost',
    );
    if (this.#gone === 'gone') assert.ok(!journals.names().includes(GONE), 'a removed feed is there again');
  }

  async #checkFeed(log: JournalLog, index: number, isLast: boolean): Promise<void> {
    const feed = FEEDS[index] as Published['feed'];
    const transcript = await readStart(log, { at: 'oldest' });
    if (this.#options.fsync === 'always')
      for (const batch of transcript.batches) assert.equal(batch.kind, 'events', `a gap: ${JSON.stringify(batch)}`);
    const { data, events } = transcript;
    assert.equal(new Set(data).size, data.length, 'an event is there twice');
    for (const sent of this.#sent) {
      const own = sent.filter((event) => event.feed === feed);
      const kept = own.filter((event) => data.includes(event.data)).map((event) => event.data);
      assert.deepEqual(
        data.filter((one) => kept.includes(one)),
        kept,
        'events of one publisher are out of order',
      );
      if (this.#options.fsync === 'always')
        for (const event of own) if (event.isAcknowledged) assert.ok(data.includes(event.data), `${event.data} was acknowledged`);
    }
    const start = await locate(log, { at: 'oldest' });
    const names = new Map<Cursor, string | null>([
      [start.cursor, null],
      ...events.map(({ cursor, data: text }) => [cursor, text] as const),
    ]);
    for (const [cursor, text] of this.#held[index] as Map<Cursor, string | null>) {
      if (this.#random() < 0.7 && !isLast) continue;
      const located = await locate(log, { at: 'cursor', cursor });
      if (located.gap === undefined && cursor !== start.cursor)
        assert.equal(names.get(cursor), text, `${cursor} names another event than it did`);
      if (located.gap !== undefined)
        assert.notEqual(this.#options.fsync, 'always', `${cursor} is gone: ${JSON.stringify(located.gap)}`);
    }
    if (events.length > 0) for (const { cursor, data: text } of events) this.#hold(feed, cursor, text);
  }
}
