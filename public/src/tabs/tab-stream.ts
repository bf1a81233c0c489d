import { stretchUrl } from '../connection/address.ts';
import { readDirectly, type StreamEnd } from '../connection/read-stream.ts';
import type { StreamEvent } from '../connection/sse-events.ts';
import { HeldEvents } from './held-events.ts';
import type { Follower, Link } from './link.ts';
import { Opening } from './opening.ts';
import { Outbox, type PostEvents } from './outbox.ts';
import { Stretch } from './stretch.ts';
import { parseTold } from './told.ts';
import type { WantedStream } from './wanted-stream.ts';

export interface TabStreamOptions {
  readonly base?: string;
  readonly wanted: WantedStream;
  readonly link: Link;
  readonly post: PostEvents;
}

/** A stream ends so, or has to be read by a connection of its own. */
export type TabStreamEnd = StreamEnd | 'alone';

/** The place to which the log was to be read is not there any more: that often, in a row, is more than a rotation. */
const MAX_LOST = 3;

/**
 * What one tab reads of one feed by the connection that it shares. Between the place at which it begins and the one where the connection
 * is, it reads the log; what comes meanwhile is held, and follows. Where it takes less than comes, it begins again behind what it has.
 */
export class TabStream implements Follower {
  readonly #options: TabStreamOptions;
  readonly #abort = new AbortController();
  readonly #outbox: Outbox;
  /** Behind what the tab has been given; undefined before that has begun. */
  #place: string | undefined;
  /** The tab has been told how its stream begins. */
  #isOpen = false;
  /** While the log is read. */
  #held: HeldEvents | undefined;
  /** What comes is given as it comes. */
  #isLive = false;
  #left: () => void = () => undefined;
  #end: (end: TabStreamEnd) => void = () => undefined;
  readonly #ended: Promise<TabStreamEnd>;

  constructor(options: TabStreamOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.post);
    const { start } = options.wanted;
    if ('cursor' in start) this.#place = start.cursor;
    this.#ended = new Promise((resolve) => (this.#end = resolve));
  }

  /** Until it is closed, or over. Everything has been posted then. */
  async run(): Promise<TabStreamEnd> {
    const { link, wanted } = this.#options;
    link.follow(wanted.feed, this);
    try {
      return await Promise.race([this.#ended, this.#read()]);
    } finally {
      this.#abort.abort();
      this.#leaveLive();
      link.unfollow(wanted.feed, this);
      this.#outbox.flush();
    }
  }

  close(): void {
    this.#end({});
  }

  taken(characters: number): void {
    this.#outbox.taken(characters);
  }

  event(event: StreamEvent): void {
    // Who waits for the connection is told as well that it is not to be.
    if (this.#isLive || (event.type === 'feed.closing' && this.#held === undefined)) this.#give(event);
    else this.#held?.add(event);
    if (this.#outbox.isFull) this.#leaveLive();
  }

  /** While the log is read, nobody knows how far behind the tab is. One who takes nothing needs no beats either. */
  beat({ data }: StreamEvent): void {
    if (!this.#isOpen || this.#outbox.isFull) return;
    const beat = this.#isLive ? data : JSON.stringify({ ...parseTold(data), behind: null });
    this.#outbox.push({ type: 'feed.beat', data: beat, id: undefined });
  }

  interrupted(): void {
    this.#held?.spoil();
    this.#leaveLive();
  }

  over(end: StreamEnd): void {
    this.#end(end.refusal === undefined ? end : 'alone');
  }

  async #read(): Promise<TabStreamEnd> {
    const { link, wanted } = this.#options;
    let lost = 0;
    while (!this.#abort.signal.aborted) {
      if (!(await link.reads(wanted.feed))) return link.end ?? (this.#isOpen ? {} : 'alone');
      const until = link.placeOf(wanted.feed);
      if (until === undefined) continue;
      const held = new HeldEvents();
      this.#held = held;
      const end = await this.#catchUp(until);
      this.#held = undefined;
      if (end !== undefined && end !== 'lost') return end;
      lost = end === 'lost' ? lost + 1 : 0;
      if (lost === MAX_LOST) return {};
      if (end === undefined && held.all !== undefined) await this.#live(held.all);
      await this.#outbox.room();
    }
    return {};
  }

  /** What comes is given as it comes, for as long as the tab takes it. */
  async #live(held: readonly StreamEvent[]): Promise<void> {
    const { link, wanted } = this.#options;
    const left = new Promise<void>((resolve) => (this.#left = resolve));
    this.#isLive = true;
    for (const event of held) this.#give(event);
    const unfinished = link.unfinishedOf(wanted.feed);
    if (unfinished !== undefined) this.#give(unfinished);
    if (this.#outbox.isFull || this.#abort.signal.aborted) this.#leaveLive();
    await left;
  }

  #leaveLive(): void {
    this.#isLive = false;
    this.#left();
  }

  /** Reads the log up to `until`. `lost`: that place is gone, and the connection has another by now. */
  async #catchUp(until: string): Promise<TabStreamEnd | 'lost' | undefined> {
    if (this.#isOpen && this.#place === until) return undefined;
    const { base = '', wanted } = this.#options;
    const { signal } = this.#abort;
    const stretch = new Stretch(this.#request(until), this.#isOpen);
    const opening = new Opening((event) => this.#give(event), this.#isOpen);
    const end = await readDirectly(`${base}${stretchUrl(wanted.feed, stretch.request)}`, {
      signal,
      take: async (events) => {
        for (const event of stretch.given(events)) opening.push(event);
        await this.#outbox.room();
      },
    });
    if (stretch.isLost) return 'lost';
    for (const event of stretch.rest()) opening.push(event);
    opening.release();
    return end.isWhole !== true || stretch.isLetGo ? end : undefined;
  }

  #request(until: string): Readonly<Record<string, string>> {
    const { start } = this.#options.wanted;
    if (this.#place !== undefined) return { lastEventId: this.#place, until };
    const last = 'last' in start ? start.last : 0;
    return last === 0 ? { lastEventId: until, until } : { before: until, limit: String(last) };
  }

  #give(event: StreamEvent): void {
    if (event.type === 'feed.open') this.#isOpen = true;
    this.#place = event.id ?? this.#place;
    this.#outbox.push(event);
  }
}
