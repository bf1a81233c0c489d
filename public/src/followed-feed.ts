import { linesUrl } from './connection/address.ts';
import { type ConnectionState, FeedConnection } from './connection/feed-connection.ts';
import { type ControlData, type ControlType, type Envelope, parseBatch, parseTime } from './connection/protocol.ts';
import type { Seen } from './feeds/last-seen.ts';
import { type Added, ChunkStore } from './log/chunk-store.ts';
import { LinesBuilder, type Note } from './log/lines.ts';
import { Continuity } from './status/continuity.ts';
import { Lag } from './status/lag.ts';
import { Meter } from './status/meter.ts';
import { noteWords, restartWords } from './status/note-words.ts';
import { SeenMark } from './status/seen-mark.ts';

const FRESH_MS = 10_000;

export interface FeedView {
  /** New rows at the end. */
  rows(added: readonly Added[]): void;
  /** The unfinished last line; null once it is finished or gone. */
  unfinished(text: string | null): void;
  state(state: ConnectionState): void;
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
  readonly #seenMark: SeenMark;
  readonly #builder = new LinesBuilder();
  #unfinished: string | null = null;
  behindBytes = 0;
  heardMs: number | undefined;
  lastLineMs: number | undefined;

  constructor(name: string, maxBytes: number, view: FeedView, seen?: Seen) {
    this.name = name;
    this.store = new ChunkStore(maxBytes);
    this.#seenMark = new SeenMark(seen);
    this.#view = view;
    this.connection = new FeedConnection({
      url: linesUrl(name),
      listener: {
        message: (data) => this.#lines(data),
        control: (type, data, id) => this.#control(type, data, id),
        state: (state) => view.state(state),
      },
    });
  }

  /** The service says that there is no such feed. */
  get isUnknown(): boolean {
    const { state } = this.connection;
    return state.is === 'refused' && state.refusal.code === 'unknown-feed';
  }

  #lines(data: string): void {
    const nowMs = Date.now();
    this.heardMs = nowMs;
    const envelopes = parseBatch(data);
    for (const { id, time, data: text, cut } of envelopes) {
      this.continuity.line(id, time);
      const words = this.#seenMark.before(id, time);
      if (words !== undefined) this.#builder.addNote({ tone: 'plain', words });
      this.#builder.addLine({ text, time, cut, id });
    }
    const last = envelopes.at(-1);
    this.lag.line(last?.time ?? null, nowMs);
    this.lastLineMs = last?.time ?? this.lastLineMs;
    this.meter.add(countFresh(envelopes, nowMs), nowMs);
    this.#setUnfinished(null);
    this.#give();
  }

  #control(type: ControlType, data: ControlData, id: string): void {
    const nowMs = Date.now();
    this.heardMs = nowMs;
    if (type === 'feed.open') this.#builder.moveTo(id);
    if (type === 'feed.open') this.#open(data, nowMs);
    if (type === 'feed.beat') this.#beat(data, nowMs);
    if (type === 'feed.gap') this.continuity.gap(data, nowMs);
    if (type === 'feed.partial') this.#setUnfinished(data.data ?? null);
    const note = noteWords(type, data, this.name, nowMs);
    if (note !== undefined) this.#note(note);
  }

  #open(data: ControlData, nowMs: number): void {
    this.lag.clock(parseTime(data.time), nowMs);
    this.#seenMark.open(data.head, parseTime(data.time) ?? nowMs);
    const { restarted } = this.continuity.open(data, nowMs);
    if (!restarted) return;
    this.#note(restartWords(data.start === 'resumed', nowMs));
  }

  #note(note: Note): void {
    this.#builder.addNote(note);
    this.#give();
  }

  #give(): void {
    if (this.#builder.count > 0) this.#view.rows(this.store.append(this.#builder.take()));
  }

  #beat(data: ControlData, nowMs: number): void {
    this.lag.clock(parseTime(data.time), nowMs);
    this.continuity.beat(data);
    this.behindBytes = data.behind ?? 0;
  }

  #setUnfinished(text: string | null): void {
    if (text === this.#unfinished) return;
    this.#unfinished = text;
    this.#view.unfinished(text);
  }
}

/** Lines that were caught up are not what the feed gives a second. */
function countFresh(envelopes: readonly Envelope[], nowMs: number): number {
  return envelopes.reduce((count, { time }) => count + Number(time !== null && nowMs - time < FRESH_MS), 0);
}
