import type { EventBatch } from '../feed/batch.ts';
import { viewOf } from '../feed/byte-view.ts';
import { MAX_CURSOR_LENGTH } from '../feed/cursor.ts';
import type { ByteSink } from './byte-sink.ts';
import { MAX_JSON_BYTES, writeJsonText } from './json-text.ts';

const QUOTE = Buffer.from('"');
const CUT = Buffer.from(',"cut":true');
const CURSOR = Buffer.from(',"cursor":"');
const END = Buffer.from('}');
const BEHIND_BYTES = QUOTE.length + CUT.length + CURSOR.length + QUOTE.length + END.length;
const NOTHING = viewOf(new Uint8Array(0));
/** What an envelope mostly holds besides feed, id and data. */
const MIDDLE_BYTES = 90;

/** Of what is written, room for so much more is made at once: most data has few bytes that are escaped. */
const SPARE_SHARE = 1 / 8;
const MAX_SPARE_BYTES = 64 * 1024;

/** What stands between the id and the data; events of one batch mostly share it. */
interface Middle {
  readonly ms: number | null;
  readonly type: string | undefined;
  readonly stream: string | undefined;
  readonly bytes: Buffer;
  readonly view: DataView;
}

/**
 * Writes events as JSON, `{feed,id,time,type,data}`, with `stream` where a container wrote one to stderr and `cut` where one is a
 * piece of a longer line, as JSON.stringify would. Of several feeds read as one, each event is told with its own feed and id; where
 * `hasCursors`, the place in all of them stands at its end as `cursor`.
 */
export class EnvelopeWriter {
  readonly #sink: ByteSink;
  readonly #hasCursors: boolean;
  #feed: string;
  #head = Buffer.alloc(0);
  #headView = NOTHING;
  #middle = middleOf(null, undefined, undefined);
  #batch: EventBatch | undefined;
  /** The same events with the cursors of their own feed. */
  #own: EventBatch | undefined;
  #view = NOTHING;

  /** `feed` is what batches are of that do not say it themselves. */
  constructor(feed: string, sink: ByteSink, hasCursors = false) {
    this.#sink = sink;
    this.#feed = feed;
    this.#hasCursors = hasCursors;
    this.#setFeed(feed);
  }

  /** Writes event `index` and leaves room for `more` bytes behind it. */
  write(batch: EventBatch, index: number, more: number): void {
    const own = batch === this.#batch && this.#own !== undefined ? this.#own : this.#begin(batch);
    const sink = this.#sink;
    const { bytes, view } = this.#middleOf(batch.time(index), batch.type(index), batch.stream?.(index));
    const start = batch.starts[index] as number;
    const end = batch.ends[index] as number;
    const around = this.#head.length + MAX_CURSOR_LENGTH + bytes.length + BEHIND_BYTES + maxCursorLength(batch) + more;
    sink.reserve(around + (end - start) * MAX_JSON_BYTES);
    sink.putText(this.#headView, 0, this.#head.length);
    sink.at = own.writeCursor(index, sink.bytes, sink.at);
    sink.putText(view, 0, bytes.length);
    writeJsonText(batch.bytes, this.#view, start, end, sink);
    sink.put(QUOTE);
    if (batch.isCut(index)) sink.put(CUT);
    if (this.#hasCursors) this.#writeCursor(batch, index);
    sink.put(END);
  }

  #writeCursor(batch: EventBatch, index: number): void {
    const sink = this.#sink;
    sink.put(CURSOR);
    sink.at = batch.writeCursor(index, sink.bytes, sink.at);
    sink.put(QUOTE);
  }

  #begin(batch: EventBatch): EventBatch {
    const { feed, batch: own } = batch.origin ?? { feed: this.#feed, batch };
    if (feed !== this.#feed) this.#setFeed(feed);
    this.#batch = batch;
    this.#own = own;
    this.#view = viewOf(batch.bytes);
    return own;
  }

  /** Feed names hold nothing that JSON escapes. */
  #setFeed(feed: string): void {
    this.#feed = feed;
    this.#head = Buffer.from(`{"feed":"${feed}","id":"`);
    this.#headView = viewOf(this.#head);
  }

  #middleOf(ms: number | null, type: string | undefined, stream: string | undefined): Middle {
    const last = this.#middle;
    if (ms !== last.ms || type !== last.type || stream !== last.stream) this.#middle = middleOf(ms, type, stream);
    return this.#middle;
  }
}

/** The longest that a cursor of the batch can be. */
export function maxCursorLength({ origin }: EventBatch): number {
  return origin?.maxCursorLength ?? MAX_CURSOR_LENGTH;
}

/** Room for the envelopes of `batches` with `more` bytes each around them, as far as can be told beforehand. */
export function roomFor(feed: string, batches: readonly EventBatch[], more: number, hasCursors = false): number {
  let bytes = 0;
  let longest = 0;
  for (const batch of batches) {
    const { count, starts, ends, origin } = batch;
    const around =
      (origin?.feed ?? feed).length + MIDDLE_BYTES + MAX_CURSOR_LENGTH + more + (hasCursors ? maxCursorLength(batch) : 0);
    for (let index = 0; index < count; index += 1) {
      const length = (ends[index] as number) - (starts[index] as number);
      bytes += around + length;
      if (length > longest) longest = length;
    }
  }
  return Math.ceil(bytes * (1 + SPARE_SHARE)) + Math.min(MAX_SPARE_BYTES, longest * MAX_JSON_BYTES);
}

function middleOf(ms: number | null, type: string | undefined, stream: string | undefined): Middle {
  const time = ms === null ? 'null' : `"${new Date(ms).toISOString()}"`;
  const written = stream === undefined ? '' : `,"stream":"${stream}"`;
  const bytes = Buffer.from(`","time":${time},"type":${JSON.stringify(type ?? 'message')}${written},"data":"`);
  return { ms, type, stream, bytes, view: viewOf(bytes) };
}
