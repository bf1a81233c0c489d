import {
  CONTROL_TYPES,
  type ControlData,
  type ControlType,
  parseBatch,
  parseControl,
  parseTime,
} from '../connection/protocol.ts';
import { readDirectly, type StreamEnd } from '../connection/read-stream.ts';
import type { StreamEvent } from '../connection/sse-events.ts';
import { namesIn, shortNames } from '../feeds/together.ts';
import { noteWords, restartWords } from '../status/note-words.ts';
import { Lateness, LineTimes, type TimedLine } from './line-times.ts';
import { LinesOut, MAX_WAITING_CHARACTERS } from './lines-out.ts';
import { addRows, addTimed, linesOfEach, MergedPast } from './merged-past.ts';
import type { Post } from './messages.ts';
import { TimeOrder } from './time-order.ts';

const LOOK_EVERY_MS = 50;
/** An opening that is longer is asked for again, with fewer lines. */
const MAX_OPENING_CHARACTERS = 16_000_000;

/** What is known of feeds that are read together, from one connection to the next. */
export class MergedMemo {
  readonly feed: string;
  readonly names: readonly string[];
  readonly short: readonly string[];
  readonly past: MergedPast;
  readonly lateness = new Lateness();
  readonly times: readonly LineTimes[];
  instance: string | undefined;

  constructor(feed: string) {
    this.feed = feed;
    this.names = namesIn(feed);
    this.short = shortNames(this.names);
    this.past = new MergedPast(this.names);
    this.times = this.names.map((_, source) => new LineTimes(source));
  }
}

/**
 * Reads several feeds by one connection to their end, then by one that follows, so that what there was can be put in order as a whole. What
 * comes is held for a moment, to be put in order too.
 */
export class MergedReader {
  readonly #memo: MergedMemo;
  readonly #post: Post;
  readonly #stream: number;
  readonly #abort = new AbortController();
  readonly #order = new TimeOrder();
  readonly #out: LinesOut;
  /** The place in all of them behind what has come, kept back or not. */
  #place = '';
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(stream: number, memo: MergedMemo, post: Post) {
    this.#stream = stream;
    this.#memo = memo;
    this.#post = post;
    this.#out = new LinesOut(stream, post);
  }

  async open(url: string): Promise<void> {
    const isReturn = url.includes('lastEventId=');
    const reached = isReturn ? await this.#catchUp(url) : await this.#begin(url);
    const end = reached.isWhole === true && this.#place !== '' ? await this.#follow(url) : reached;
    if (this.#abort.signal.aborted) return;
    clearInterval(this.#timer);
    this.#release(this.#order.all());
    this.#out.give();
    this.#post({ is: 'failed', stream: this.#stream, end });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#abort.abort();
    this.#out.close();
  }

  taken(): void {
    this.#out.taken();
  }

  /** The newest lines there are, as a whole: before all have come, nobody knows which are the newest. */
  async #begin(url: string, asked = linesOfEach(this.#memo.names.length)): Promise<StreamEnd> {
    const opening = new Opening(this.#memo.names.length);
    const end = await readDirectly(`${url}&last=${asked}&follow=false`, {
      signal: AbortSignal.any([this.#abort.signal, opening.tooLong]),
      take: (events) => opening.take(events),
    });
    if (opening.tooLong.aborted) return this.#begin(url, Math.max(1, Math.floor(asked / 10)));
    if (end.isWhole !== true || this.#abort.signal.aborted) return end;
    const closing = opening.controls.find(({ type }) => type === 'feed.closing');
    if (closing === undefined) this.#show(opening, asked);
    else this.#control(closing);
    return closing === undefined ? end : {};
  }

  #show({ lines, controls, place }: Opening, asked: number): void {
    const { times, past, lateness, names } = this.#memo;
    const nowMs = Date.now();
    for (const control of controls) this.#control(control);
    this.#place = place;
    const of: TimedLine[][] = names.map(() => []);
    for (const line of lines) {
      const source = names.indexOf(line.feed ?? '');
      const timed = times[source]?.next(line, nowMs);
      if (timed !== undefined) of[source]?.push(timed);
    }
    const rows = past.open(of, asked, nowMs);
    addRows(this.#out.builder, rows, lateness);
    this.#out.lastTime = rows.at(-1)?.line.time ?? null;
    this.#out.place = place;
    this.#out.give();
  }

  /** What has come since: all of it is put in order, as far as it can be held. */
  async #catchUp(url: string): Promise<StreamEnd> {
    const end = await readDirectly(`${url}&follow=false`, { signal: this.#abort.signal, take: (events) => this.#take(events) });
    if (end.isWhole !== true || this.#abort.signal.aborted) return end;
    this.#release(this.#order.all());
    this.#out.headRow = this.#out.builder.count - 1;
    this.#out.give();
    return end;
  }

  #follow(url: string): Promise<StreamEnd> {
    this.#timer = setInterval(() => {
      this.#release(this.#order.take(performance.now()));
      this.#out.giveSoon();
    }, LOOK_EVERY_MS);
    const from = new URL(url, globalThis.location?.href);
    from.searchParams.set('lastEventId', this.#place);
    return readDirectly(from.href, {
      signal: this.#abort.signal,
      take: (events) => {
        // To the page it is the same stream, that goes on.
        for (const { type, data } of events) if (type === 'feed.open') this.#opened(parseControl(data), Date.now());
        return this.#take(events.filter(({ type }) => type !== 'feed.open'));
      },
    });
  }

  async #take(events: readonly StreamEvent[]): Promise<void> {
    for (const event of events) {
      if (event.type === 'message') this.#lines(event.data, event.id);
      else this.#control(event);
    }
    if (this.#order.characters > MAX_WAITING_CHARACTERS) this.#release(this.#order.all());
    this.#out.giveSoon();
    await this.#out.room();
  }

  #lines(data: string, id: string | undefined): void {
    const { names, times } = this.#memo;
    const [nowMs, sinceMs] = [Date.now(), performance.now()];
    for (const line of parseBatch(data)) {
      const timed = times[names.indexOf(line.feed ?? '')]?.next(line, nowMs);
      if (timed !== undefined) this.#order.add(timed, nowMs, sinceMs);
    }
    this.#place = id ?? this.#place;
  }

  #release(lines: readonly TimedLine[]): void {
    for (const line of lines) addTimed(this.#out.builder, line, this.#memo.lateness);
    this.#out.lastTime = lines.at(-1)?.time ?? this.#out.lastTime;
    // While some is kept back, no place is one up to which all has been given.
    this.#out.place = this.#order.isEmpty ? this.#place : '';
  }

  /** What is told comes behind the lines before it, and its row at its place. */
  #control({ type, data, id = '' }: StreamEvent): void {
    if (!(CONTROL_TYPES as readonly string[]).includes(type)) return;
    const [told, nowMs] = [parseControl(data), Date.now()];
    const control = type as ControlType;
    if (control === 'feed.beat' || control === 'feed.partial') {
      this.#out.tell(control, told, '');
      return;
    }
    this.#place = id === '' ? this.#place : id;
    this.#release(this.#order.all());
    if (control === 'feed.open') this.#opened(told, nowMs);
    const { names, short, feed } = this.#memo;
    const note = noteWords(control, told, feed, nowMs, short[names.indexOf(told.feed ?? '')]);
    if (note !== undefined) this.#out.builder.addNote(note);
    this.#out.tell(control, told, this.#place);
  }

  #opened(data: ControlData, nowMs: number): void {
    const { instance } = this.#memo;
    if (instance !== undefined && instance !== data.instance) {
      this.#out.builder.addNote(restartWords(data.start === 'resumed', parseTime(data.time) ?? nowMs));
    }
    this.#memo.instance = data.instance;
  }
}

/** What the feeds give at first. */
class Opening {
  readonly lines: ReturnType<typeof parseBatch> = [];
  readonly controls: StreamEvent[] = [];
  place = '';
  readonly #most: number;
  readonly #stop = new AbortController();
  readonly tooLong = this.#stop.signal;
  #characters = 0;

  constructor(feeds: number) {
    // One line of each may be as long as lines can be.
    this.#most = Math.max(MAX_OPENING_CHARACTERS, feeds * 1_000_000);
  }

  take(events: readonly StreamEvent[]): void {
    for (const event of events) {
      this.place = event.id ?? this.place;
      this.#characters += event.data.length;
      if (event.type === 'message') for (const line of parseBatch(event.data)) this.lines.push(line);
      else if (event.type !== 'feed.partial') this.controls.push(event);
    }
    if (this.#characters > this.#most) this.#stop.abort();
  }
}
