import { join } from 'node:path';
import { addFrames } from './blocks.ts';
import type { Durability } from './durability.ts';
import type { FilePool } from './file-pool.ts';
import { type Files, openAnew } from './files.ts';
import type { FramesWriter } from './frames-writer.ts';
import { saveIndex } from './index-file.ts';
import { keysOf } from './read-blocks.ts';
import { addKey, type Contents, emptyContents, type KeyUse } from './scan-frames.ts';
import { type Segment, type Segments, segmentName } from './segments.ts';

export interface WritableJournal {
  readonly folder: string;
  readonly files: Files;
  readonly pool: FilePool;
  readonly segments: Segments;
  readonly durability: Durability;
  /** Makes the folder, in such a way that it is still there after a power cut. */
  makeFolder(): Promise<void>;
}

/** When a segment is full: the next frames go to a new one. */
export interface SegmentLimits {
  readonly maxBytes: number;
  readonly maxEvents: number;
}

/** Writes frames to the newest segment, and begins new ones. What it has written is part of the journal, what it has not, is not. */
export class SegmentWriter {
  readonly #journal: WritableJournal;
  /** After a failure a segment is not written to again: nobody knows what of it the disk has. */
  #isSealed = false;

  constructor(journal: WritableJournal) {
    this.#journal = journal;
  }

  /** The segment that the next frames go to. */
  async ready(limits: SegmentLimits): Promise<Segment> {
    const { last } = this.#journal.segments;
    if (this.#journal.durability.takeFailure()) this.#isSealed = true;
    if (last !== undefined && !this.#isSealed && !(await this.#isFull(last, limits))) return last;
    return this.begin();
  }

  /** Writes frames that follow the last ones, and makes them as durable as is asked for. */
  async write(segment: Segment, frames: FramesWriter, uses: Iterable<KeyUse>): Promise<void> {
    const { pool, durability } = this.#journal;
    const contents = await this.#contentsOf(segment);
    try {
      await durability.mark();
      await pool.use(segment.path, (file) => file.write(frames.bytes, frames.offset - segment.base));
      await durability.written(segment);
    } catch (error) {
      this.#isSealed = true;
      await this.#cut(segment);
      throw error;
    }
    addFrames(contents.blocks, frames.bytes, 0, frames.ends, frames.offset);
    for (const use of uses) addKey(contents, use);
    contents.end = frames.end;
    contents.lastMs = frames.lastMs;
    segment.end = frames.end;
  }

  /** Begins a new segment; the one before is not written to any more. */
  async begin(): Promise<Segment> {
    const { segments, folder, files, pool, durability } = this.#journal;
    const { last, head: base, epoch } = segments;
    if (last === undefined) await this.#journal.makeFolder();
    const path = join(folder, segmentName(base, epoch));
    // A failed one that holds nothing has the name of the new one.
    if (last?.base === base) await pool.forget(path);
    await (await openAnew(files, path)).close();
    if (durability.isAlways) await files.syncFolder(folder);
    if (last?.base === base) segments.list.pop();
    else if (last !== undefined) await this.#leave(last);
    const segment: Segment = { base, epoch, path, end: base, contents: Promise.resolve(emptyContents(base)) };
    segments.list.push(segment);
    this.#isSealed = false;
    return segment;
  }

  /** Writes down what the newest segment holds, so that the next start need not go through it. */
  async checkpoint(): Promise<void> {
    const { last } = this.#journal.segments;
    if (last?.contents === undefined || last.end === last.base) return;
    await saveIndex(this.#journal.files, last, await this.#contentsOf(last)).catch(() => undefined);
  }

  async #isFull(segment: Segment, { maxBytes, maxEvents }: SegmentLimits): Promise<boolean> {
    if (segment.end - segment.base >= maxBytes) return true;
    if (maxEvents === Number.POSITIVE_INFINITY) return false;
    const { blocks } = await this.#contentsOf(segment);
    return blocks.reduce((sum, { count }) => sum + count, 0) >= maxEvents;
  }

  async #leave(segment: Segment): Promise<void> {
    const contents = await this.#contentsOf(segment);
    await saveIndex(this.#journal.files, segment, contents).catch(() => undefined);
    if (contents.keyCount > 0) contents.keys = undefined;
  }

  /** With its keys: they are written down with the rest when it is full. */
  async #contentsOf(segment: Segment): Promise<Contents> {
    await keysOf(this.#journal, segment);
    return segment.contents as Promise<Contents>;
  }

  /** What was written behind the last committed frame is not part of the journal; the name of the next segment will say so too. */
  async #cut(segment: Segment): Promise<void> {
    const length = segment.end - segment.base;
    await this.#journal.pool.use(segment.path, (file) => file.truncate(length)).catch(() => undefined);
  }
}
