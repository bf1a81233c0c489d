import type { Batch, Notice } from '../batch.ts';
import type { Cursor } from '../cursor.ts';
import type { Gap } from '../log.ts';
import type { Position } from '../position.ts';
import { FileBatch } from './file-batch.ts';
import { CONTEXT_BYTES } from './fingerprint.ts';
import { CHUNK_BYTES, type Chunk, type Generation } from './generation.ts';
import type { Generations } from './generations.ts';
import { scanLines } from './line-scan.ts';

/** A place in a tailed file that moves forward: through the lines of a generation, then on into the next. */
export class FileReading {
  readonly #generations: Generations;
  #position: Position;
  /** The bytes before the position as they were when they were read: compared again at each read. */
  #context: Buffer | undefined;
  /** What follows the last line feed, once the end of the file has been reached. */
  unfinished: Buffer = Buffer.alloc(0);

  constructor(generations: Generations, position: Position) {
    this.#generations = generations;
    this.#position = position;
  }

  get position(): Position {
    return this.#position;
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
    const generation = this.#generations.get(this.#position.generation);
    if (generation?.fate !== 'readable') return this.#goOn(generation);
    const end = until?.generation === generation.ordinal ? until.offset : Number.POSITIVE_INFINITY;
    const chunk = await this.#readChunk(generation, end);
    if (chunk === undefined) return this.#goOn(generation);
    if (!generation.isOfHead(chunk) || !this.#isSameContent(chunk)) return this.#lost(generation, readAt, until);
    const finished = this.#generations.after(generation.ordinal) !== undefined;
    const batch = this.#batchOf(generation, chunk, readAt, finished);
    if (batch !== undefined) return [batch];
    this.unfinished = chunk.bytes.subarray(chunk.start);
    this.#context ??= Buffer.from(chunk.bytes.subarray(0, chunk.start));
    return finished && end === Number.POSITIVE_INFINITY ? this.#goOn(generation) : [];
  }

  /** Undefined where an older part cannot be read. */
  async #readChunk(generation: Generation, end: number): Promise<Chunk | undefined> {
    const { offset } = this.#position;
    try {
      if (offset + CHUNK_BYTES <= Math.min(end, generation.size)) {
        // Within the length of the last look no look is needed: what is gone since then shows as a short read, or by its context.
        const chunk = await generation.readChunk(offset, generation.size);
        if (chunk.bytes.length - chunk.start === CHUNK_BYTES) return chunk;
      }
      await generation.look();
      return await generation.readChunk(offset, Math.min(end, Math.max(generation.size, offset)));
    } catch (error) {
      generation.failed(error);
      return undefined;
    }
  }

  /** Whether the file still holds what lay before the position; a file that has become shorter than that does not. */
  #isSameContent({ bytes, start, offset }: Chunk): boolean {
    if (start < Math.min(CONTEXT_BYTES, offset)) return false;
    return this.#context === undefined || this.#context.equals(bytes.subarray(0, start));
  }

  /** What was before the position is not there any more: the file was cut, and has perhaps grown again. */
  async #lost(generation: Generation, readAt: number | null, until?: Position): Promise<Batch[]> {
    if (generation.wasTruncated) return this.#goOn(generation);
    await this.#generations.truncated(generation, this.#context, this.#position.offset);
    return this.next(readAt, until);
  }

  #batchOf(generation: Generation, chunk: Chunk, readAt: number | null, finished: boolean): FileBatch | undefined {
    const { bytes, start, offset } = chunk;
    let lines = scanLines(bytes, start, bytes.length);
    if (lines.count === 0 && finished) lines = scanLines(bytes, start, bytes.length, true);
    if (lines.count === 0) return undefined;
    const { ordinal, head, cursors } = generation;
    const batch = new FileBatch({ generation: ordinal, bytes, start, offset, head, cursors }, lines, readAt);
    const end = lines.nexts[lines.count - 1] as number;
    this.#context = Buffer.from(bytes.subarray(Math.max(0, end - CONTEXT_BYTES), end));
    this.#position = batch.to;
    this.unfinished = bytes.subarray(end);
    return batch;
  }

  /** From the end of a generation, or from one that is lost, to the start of the next. */
  async #goOn(generation: Generation | undefined): Promise<Batch[]> {
    const next = this.#generations.after(this.#position.generation);
    if (next === undefined) return [];
    const from = this.#position;
    const to = { generation: next.ordinal, offset: 0 };
    this.#position = to;
    this.#context = undefined;
    this.unfinished = Buffer.alloc(0);
    const step = { from, to, time: new Date().toISOString() };
    if (generation === undefined && from.generation === 0) return [passage('feed.back', step)];
    if (generation?.fate === 'readable' && !generation.wasTruncated && !generation.isPerhapsFollowed)
      return [passage('feed.rotated', step)];
    return missing(generation, step, await next.cursorAt(0));
  }
}

interface Step {
  readonly from: Position;
  readonly to: Position;
  readonly time: string;
}

function passage(type: Notice['type'], { from, to, time }: Step): Notice {
  return { kind: 'notice', from, to, type, data: { time } };
}

/** Between two generations something may be missing: it is said where, and how much where that can be known. */
function missing(generation: Generation | undefined, { from, to, time }: Step, cursor: Cursor): Batch[] {
  const gap = (reason: Gap['reason'], bytes: number | null): Notice => {
    return { kind: 'notice', from, to, type: 'feed.gap', data: { reason, bytes, events: null, time }, cursor };
  };
  if (generation === undefined) return [gap('removed', null)];
  if (generation.isPerhapsFollowed) return [gap('unknown', null)];
  if (!generation.wasTruncated) return [gap('unreadable', null)];
  const length = generation.cutFrom ?? null;
  const unread = length === null ? 0 : length - from.offset;
  const truncated: Notice = { kind: 'notice', from, to: from, type: 'feed.truncated', data: { time, bytes: length } };
  return [truncated, gap('truncated', unread > 0 ? unread : null)];
}
