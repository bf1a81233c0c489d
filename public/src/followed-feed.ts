import { linesUrl, togetherUrl } from './connection/address.ts';
import { type ConnectionState, FeedConnection } from './connection/feed-connection.ts';
import { type ControlData, type ControlType, parseTime } from './connection/protocol.ts';
import type { Seen } from './feeds/last-seen.ts';
import { isTogether, namesIn } from './feeds/together.ts';
import { type Added, ChunkStore } from './log/chunk-store.ts';
import { NOTE } from './log/lines.ts';
import type { Arrival } from './reading/messages.ts';
import type { ReadingRoom } from './reading/reading-room.ts';
import { Continuity } from './status/continuity.ts';
import { Lag } from './status/lag.ts';
import { Meter } from './status/meter.ts';
import type { Unfinished } from './view/row-element.ts';

const FRESH_MS = 10_000;

export interface FeedView {
  /** New rows at the end. */
  rows(added: readonly Added[]): void;
  /** The unfinished last line (of several feeds that which changed last); null once it is finished or gone. */
  unfinished(line: Unfinished | null): void;
  state(state: ConnectionState): void;
}

export interface FollowedFeedOptions {
  /** How much of its lines is kept. */
  readonly maxBytes: number;
  readonly room: ReadingRoom;
  readonly view: FeedView;
  /** Up to where it had been read when it was last open. */
  readonly seen: Seen | undefined;
}

/** One feed as the page follows it: its rows, and the account of its connection. */
export class FollowedFeed {
  readonly name: string;
  readonly store: ChunkStore;
  readonly continuity = new Continuity();
  readonly meter = new Meter();
  readonly lag = new Lag();
  readonly connection: FeedConnection;
  readonly openedMs = Date.now();
  readonly #view: FeedView;
  /** By the number of their feed. */
  readonly #unfinished = new Map<number, string>();
  behindBytes = 0;
  heardMs: number | undefined;
  lastLineMs: number | undefined;

  constructor(name: string, { maxBytes, room, view, seen }: FollowedFeedOptions) {
    this.name = name;
    this.store = new ChunkStore(maxBytes);
    this.#view = view;
    this.connection = new FeedConnection({
      url: isTogether(name) ? togetherUrl(namesIn(name)) : linesUrl(name),
      listener: {
        control: (type, data) => this.#control(type, data),
        state: (state) => view.state(state),
      },
      open: (url, sink) =>
        room.open(name, url, seen, {
          lines: (arrival) => sink.message(arrival.place ?? arrival.lines.until, () => this.#arrived(arrival)),
          control: sink.control,
          failed: sink.failed,
        }),
    });
  }

  /** The service says that there is no such feed. */
  get isUnknown(): boolean {
    const { state } = this.connection;
    return state.is === 'refused' && state.refusal.code === 'unknown-feed';
  }

  #arrived({ lines, lastTime, headRow }: Arrival): void {
    const nowMs = Date.now();
    this.heardMs = nowMs;
    const isLine = (row: number) => ((lines.flags[row] ?? 0) & NOTE) === 0;
    let fresh = 0;
    for (let row = 0; row < lines.count; row += 1) {
      const time = lines.times[row] ?? Number.NaN;
      if (isLine(row)) this.continuity.line(row === headRow, Number.isNaN(time) ? null : time);
      // Lines that were caught up are not what the feed gives a second.
      if (nowMs - time < FRESH_MS) fresh += 1;
    }
    if (lines.count > lines.notes.length) {
      this.lag.line(lastTime, nowMs);
      this.lastLineMs = lastTime ?? this.lastLineMs;
      for (const source of lines.sources.length === 0 ? [0] : new Set(lines.sources)) this.#setUnfinished(null, source);
    }
    this.meter.add(fresh, nowMs);
    this.#view.rows(this.store.append(lines));
  }

  #control(type: ControlType, data: ControlData): void {
    const nowMs = Date.now();
    this.heardMs = nowMs;
    if (type === 'feed.open') this.#open(data, nowMs);
    if (type === 'feed.beat') this.#beat(data, nowMs);
    if (type === 'feed.gap') this.continuity.gap(data, nowMs);
    if (type === 'feed.partial') this.#setUnfinished(data.data ?? null, this.#sourceOf(data));
  }

  #open(data: ControlData, nowMs: number): void {
    this.lag.clock(parseTime(data.time), nowMs);
    this.continuity.open(data, nowMs);
  }

  #beat(data: ControlData, nowMs: number): void {
    this.lag.clock(parseTime(data.time), nowMs);
    this.continuity.beat(data);
    this.behindBytes = data.behind ?? 0;
  }

  #sourceOf({ feed = '' }: ControlData): number {
    return Math.max(0, namesIn(this.name).indexOf(feed));
  }

  #setUnfinished(text: string | null, source: number): void {
    if (text === (this.#unfinished.get(source) ?? null)) return;
    this.#unfinished.delete(source);
    if (text !== null) this.#unfinished.set(source, text);
    const [of, last] = [...this.#unfinished].at(-1) ?? [];
    if (last === undefined) this.#view.unfinished(null);
    else this.#view.unfinished(isTogether(this.name) ? { text: last, source: of ?? 0 } : { text: last });
  }
}
