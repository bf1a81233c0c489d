import { setTimeout as delay } from 'node:timers/promises';
import type { Batch } from '../batch.ts';
import type { Position } from '../position.ts';
import { MAX_JOINED_BYTES } from './container-events.ts';
import { decodeChunk, nulsFrom, offsetOf, skippedHole } from './decode-chunk.ts';
import { unitBytesOf } from './encoding.ts';
import { placesSeen } from './find-copy.ts';
import { CONTEXT_BYTES } from './fingerprint.ts';
import { CHUNK_BYTES, type Chunk, type Generation } from './generation.ts';
import type { Generations } from './generations.ts';
import { type Later, SEARCHING, type SearchOptions } from './hole-search.ts';
import { partialText } from './partial-text.ts';
import { missing, passage } from './passage.ts';
import { findShared, mayBegin, mayBeShared } from './shared-beginning.ts';
import { withoutNulTail } from './text-scan.ts';

/** What has to be seen of the parts of a container's line to join them, and of what follows. */
const JOINING_BYTES = MAX_JOINED_BYTES + 2 * CHUNK_BYTES;
/** A history is read to its end, however large the holes in it are. */
const UNSLICED: ReadingOptions = { sliceMs: Number.POSITIVE_INFINITY };

const LF = 10;
const NOTHING = Buffer.alloc(0);
/** An unfinished last line of a file that has been replaced is waited for as long after its last change: its writer may be at it. */
export const UNFINISHED_MS = 5_000;
const UNFINISHED_LOOK_MS = 100;

/** How long to look for the end of a hole at a time, and until when. */
export interface ReadingOptions extends SearchOptions {
  /** Whether the last line of an older part, begun a moment ago, is waited for. */
  readonly waitsForLines?: boolean;
}

/** A place in a tailed file that moves forward: through the lines of a generation, then on into the next. */
export class FileReading {
  readonly #generations: Generations;
  #position: Position;
  /** The bytes before the position as they were when they were read: compared again at each read. */
  #context: Buffer | undefined;
  readonly #search: ReadingOptions;
  #chunkBytes = CHUNK_BYTES;
  #memory: Buffer | undefined;
  /** What follows the last event, once the end of the file has been reached: without the NULs at the end. */
  unfinished: Buffer = NOTHING;
  /** How that begins, kept apart from memory that is read into again. */
  #seen: Buffer = NOTHING;
  /** Up to where the file has been seen: what lies between that and the position is unfinished, or room for what is to come. */
  seenTo: number;
  /** Whether the reading has stopped in a hole whose end it does not know yet. */
  isSearching = false;
  /** After so many ms to look again even if nothing comes, since not all NULs are known; undefined where that need not be. */
  againMs: number | undefined;

  constructor(generations: Generations, position: Position, search = UNSLICED) {
    this.#generations = generations;
    this.#position = position;
    this.#search = search;
    this.seenTo = position.offset;
  }

  /** From here on, all chunks are read into the same memory: a batch is gone when the next is asked for. */
  reuseMemory(): void {
    this.#memory = Buffer.allocUnsafeSlow(CONTEXT_BYTES + CHUNK_BYTES);
  }

  get position(): Position {
    return this.#position;
  }

  /** The text of what is unfinished, as far as it can be shown. */
  get unfinishedText(): string {
    const form = this.#generations.get(this.#position.generation)?.form;
    if (form === undefined || this.unfinished.length === 0) return '';
    return partialText(this.unfinished, this.#position.offset === 0, form);
  }

  /** Takes note of what lies before the position now, so that the first read finds out already whether that has changed. */
  async rememberContext(): Promise<void> {
    this.#context = await this.#generations.get(this.#position.generation)?.readContext(this.#position.offset);
  }

  /**
   * The next lines, or what lies between two generations; nothing at the head. `readAt` is the time (ms) for lines that are
   * read as they come, null for history. Never goes beyond `until`, which must be the end of an event.
   */
  async next(readAt: number | null, until?: Position): Promise<Batch[]> {
    this.isSearching = false;
    this.againMs = undefined;
    const generation = this.#generations.get(this.#position.generation);
    await generation?.truncation;
    if (generation?.fate !== 'readable') return this.#goOn(generation);
    const { wasTruncated } = generation;
    const end = until?.generation === generation.ordinal ? until.offset : Number.POSITIVE_INFINITY;
    // Asked before reading: what comes to the file until it is finished is read as well.
    const finished = this.#generations.after(generation.ordinal) !== undefined;
    const chunk = await this.#readChunk(generation);
    // Somebody has found meanwhile that it was cut: what was read may have been there before or after that.
    if (generation.truncation !== undefined || generation.wasTruncated !== wasTruncated) return this.next(readAt, until);
    if (chunk === undefined) return this.#goOn(generation);
    const isAnother = !generation.isOfHead(chunk) || !this.#isSameContent(generation, chunk);
    if (isAnother || !this.#goesOnAsSeen(chunk) || !(await generation.isUntorn(chunk))) {
      // Where that has been found out since it was asked for, what is left of it has not been tried yet.
      if (wasTruncated) return this.#goOn(generation);
      await this.#generations.truncated(generation, placesSeen(this.#position.offset, this.#context, this.#seen));
      return this.next(readAt, until);
    }
    const isFull = chunk.bytes.length - chunk.start === CHUNK_BYTES;
    const isJoining = isFull && generation.form.wrapping !== undefined;
    if (finished && !isFull && (await this.#waitsForLine(generation, chunk))) return this.next(readAt, until);
    if (chunk.bytes.length > chunk.start && mayBeShared(generation, chunk.offset))
      await findShared(generation, this.#generations.all, offsetOf(chunk, chunk.bytes.length));
    const batches = await this.#decode(generation, chunk, { readAt, until: end, finished: finished && !isJoining });
    if (batches.length > 0) return this.#moveBehind(generation, chunk, batches);
    if (isJoining && !this.isSearching) {
      this.#chunkBytes = JOINING_BYTES;
      return this.next(readAt, until);
    }
    this.#noteUnfinished(chunk.bytes.subarray(chunk.start), generation);
    this.#context ??= Buffer.from(chunk.bytes.subarray(0, chunk.start));
    this.seenTo = this.isSearching ? this.#position.offset : generation.size;
    return finished && !this.isSearching && end === Number.POSITIVE_INFINITY ? this.#goOn(generation) : [];
  }

  /** The events of a chunk. Where that has none, the hole that it ends with is skipped, if it has an end. */
  async #decode(generation: Generation, chunk: Chunk, options: Decoding): Promise<Batch[]> {
    const plain = { ...options, final: false, isHoleKnown: false };
    const { batches, openHole } = decodeChunk(generation, chunk, plain);
    if (batches.length > 0) return batches;
    if (openHole !== undefined) {
      const skipped = await this.#skipHole(generation, chunk, openHole, options);
      if (skipped.length > 0 || this.isSearching) return skipped;
    }
    return options.finished ? decodeChunk(generation, chunk, { ...plain, final: true }).batches : [];
  }

  /** Beyond the NULs that a chunk ends with, if there is anything. What is before them on their line is then a piece of it. */
  async #skipHole(generation: Generation, chunk: Chunk, openHole: number, options: Decoding): Promise<Batch[]> {
    const start = offsetOf(chunk, openHole);
    const isFinal = options.finished || options.until < Number.POSITIVE_INFINITY;
    const text = await generation.holes.endOf(generation, nulsFrom(generation, start), { ...this.#search, isFinal });
    if (text === 'none') return [];
    if (typeof text !== 'number') return this.#searchLater(text);
    const unit = unitBytesOf(generation.form.encoding);
    const end = text - (text % unit);
    if (end > options.until) return [];
    // What were NULs when the chunk was read has been filled meanwhile: that is to be read again.
    if (end <= offsetOf(chunk, chunk.bytes.length) - unit) return this.#searchLater(SEARCHING);
    const { batches } = decodeChunk(generation, chunk, { ...options, final: false, isHoleKnown: true });
    const given = batches.at(-1)?.to.offset ?? this.#position.offset;
    return given === start ? [...batches, skippedHole(generation, start, end)] : batches;
  }

  #searchLater({ isSearching, againMs }: Later): Batch[] {
    this.isSearching = isSearching;
    this.againMs = againMs;
    return [];
  }

  /** Undefined where an older part cannot be read. */
  async #readChunk(generation: Generation): Promise<Chunk | undefined> {
    const { offset } = this.#position;
    const most = this.#chunkBytes;
    const memory = most === CHUNK_BYTES ? this.#memory : undefined;
    try {
      const isTold = !mayBegin(generation, offset) && this.#context !== undefined;
      if (isTold && offset + most <= generation.size) {
        // Within the length of the last look no look is needed: what is gone since then shows as a short read, or by its context.
        const chunk = await generation.readChunk(offset, generation.size, most, memory);
        if (chunk.bytes.length - chunk.start === most) return chunk;
      }
      await generation.look();
      const chunk = await generation.readChunk(offset, Math.max(generation.size, offset), most, memory);
      // Where its context does not tell, the look behind it does whether it was still the same content.
      if (!isTold) await generation.look();
      return chunk;
    } catch (error) {
      generation.failed(error);
      return undefined;
    }
  }

  /**
   * Whether the file still holds what lay before the position; a file that has become shorter than that does not. What lies in
   * the first kilobyte, or in a banner, may be the same in each of its contents: there it is enough that the file has become shorter.
   */
  #isSameContent(generation: Generation, { bytes, start, offset }: Chunk): boolean {
    if (generation.isCut && mayBegin(generation, offset)) return false;
    if (start < Math.min(CONTEXT_BYTES, offset)) return false;
    return this.#context === undefined || this.#context.equals(bytes.subarray(0, start));
  }

  /** What follows the position, up to where it may be room that will be filled. */
  #noteUnfinished(bytes: Buffer, { form }: Generation): void {
    this.unfinished = withoutNulTail(bytes, form.encoding);
    const start = this.unfinished.subarray(0, CONTEXT_BYTES);
    const nul = start.indexOf(0);
    this.#seen = Buffer.from(nul < 0 ? start : start.subarray(0, nul));
  }

  /** Whether the line that was unfinished begins as it did. */
  #goesOnAsSeen({ bytes, start }: Chunk): boolean {
    return bytes.subarray(start, start + this.#seen.length).equals(this.#seen);
  }

  /** Whether the last line may still be finished by its writer, who has not noticed the rotation yet. */
  async #waitsForLine(generation: Generation, { bytes, start }: Chunk): Promise<boolean> {
    const { waitsForLines = false, signal } = this.#search;
    if (!waitsForLines || signal?.aborted || generation.isArchive) return false;
    const hasUnfinished = bytes.length > start && bytes.indexOf(LF, start) < 0;
    const agoMs = Date.now() - generation.mtimeMs;
    if (!hasUnfinished || agoMs < 0 || agoMs >= UNFINISHED_MS) return false;
    await delay(UNFINISHED_LOOK_MS, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    return true;
  }

  async #moveBehind(generation: Generation, { bytes, start, offset }: Chunk, batches: Batch[]): Promise<Batch[]> {
    this.#position = (batches.at(-1) as Batch).to;
    this.#chunkBytes = CHUNK_BYTES;
    const end = start + this.#position.offset - offset;
    const isInChunk = end <= bytes.length;
    const context = isInChunk ? bytes.subarray(Math.max(0, end - CONTEXT_BYTES), end) : undefined;
    this.#context = context === undefined ? await generation.readContext(this.#position.offset) : Buffer.from(context);
    this.#noteUnfinished(bytes.subarray(end), generation);
    this.seenTo = this.#position.offset + this.unfinished.length;
    return batches;
  }

  /** From the end of a generation, or from one that is lost, to the start of the next. */
  async #goOn(generation: Generation | undefined): Promise<Batch[]> {
    const next = this.#generations.after(this.#position.generation);
    if (next === undefined) return [];
    const from = this.#position;
    const to = { generation: next.ordinal, offset: 0 };
    this.#position = to;
    this.#context = undefined;
    this.unfinished = NOTHING;
    this.#seen = NOTHING;
    this.seenTo = 0;
    this.#chunkBytes = CHUNK_BYTES;
    const step = { from, to, time: new Date().toISOString() };
    if (generation === undefined && from.generation === 0) return [passage('feed.back', step)];
    if (generation?.fate === 'readable' && !generation.wasTruncated && !generation.isPerhapsFollowed)
      return [passage('feed.rotated', step)];
    return missing(generation, step, await next.cursorAt(0));
  }
}

interface Decoding {
  readonly readAt: number | null;
  readonly until: number;
  /** Another file has taken its place: no more will come. */
  readonly finished: boolean;
}
