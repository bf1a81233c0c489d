import { viewOf } from '../byte-view.ts';
import type { Cursor } from '../cursor.ts';
import { Archive } from './archive.ts';
import { ByteScan } from './byte-scan.ts';
import { type ByteSource, begunMs, type SourceStats, TICK_MS } from './byte-source.ts';
import { FileCursorWriter } from './file-cursor.ts';
import { CONTEXT_BYTES, HEAD_BYTES, hashIdentity } from './fingerprint.ts';
import { HoleSearch } from './hole-search.ts';
import { type LineForm, lineFormOf } from './line-form.ts';
import { LOOKAHEAD, MAX_LINE_BYTES } from './line-scan.ts';
import { endOfText } from './nul-scan.ts';
import { OpenFile } from './open-file.ts';
import { type Witness, Witnesses } from './witnesses.ts';

/** How much of a file is read at a time: as much as must be seen of a long line, so that a full chunk always holds something to give. */
export const CHUNK_BYTES = MAX_LINE_BYTES + LOOKAHEAD;

/** The kernel copies a file to a reader in such units: what lies in one of them is of one moment, what lies in two need not be. */
const PAGE_BYTES = 4096;

/** A chunk of a file: `bytes[start]` is the file's byte `offset`; the bytes before `start` are the (at most 64) before that. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly start: number;
  readonly offset: number;
}

/**
 * What became of a generation's content: `readable`; `truncated`, destroyed in place; `unreadable`, an archive that is not whole or
 * a file that the system will not read.
 */
export type Fate = 'readable' | 'truncated' | 'unreadable';

/** One identity of a tailed path between two rotations: its content, wherever that lies by now. */
export class Generation {
  /** Its place among the others; preliminary until it is in their list. */
  ordinal: number;
  readonly hint: string;
  readonly cursors: FileCursorWriter;
  readonly holes = new HoleSearch();
  readonly #isRaw: boolean;
  #form: { readonly head: Buffer; readonly form: LineForm } | undefined;
  #source: ByteSource;
  #identity: SourceStats;
  /** The first bytes, as far as they are known; grows with the file up to 1 KiB. */
  head: Buffer = Buffer.alloc(0);
  /** The length at the last look. */
  size = 0;
  /** The length it had before it was found shorter; undefined while it never was. */
  cutFrom: number | undefined;
  /** It has been found shorter than it was, and nobody has acted on it. */
  isCut = false;
  #witnesses = new Witnesses();
  /** Whether a change since the last look shows in the time of its last change: not within a tick of the file system's clock. */
  #isSettled = false;
  /** When it was opened, or found in a file that was cut, ms since the epoch. */
  readonly openedAtMs: number;
  fate: Fate = 'readable';
  /** It ended by a truncation, even where a copy has kept what it held. */
  wasTruncated = false;
  /** While it is found out what is left of a content that was destroyed. */
  truncation: Promise<void> | undefined;
  /** Whether copies of what it held may lie in older parts; undefined until that is asked. */
  mayHaveCopies: Promise<boolean> | undefined;
  /** Its first bytes are not what they were. */
  isRewritten = false;
  /** There may be parts between it and the next that is known. */
  isPerhapsFollowed = false;

  /** `isRaw`: what a container runtime puts around lines is left there. */
  constructor(ordinal: number, source: ByteSource, stats: SourceStats, isRaw: boolean, openedAtMs = openedAtMsOf(source)) {
    this.ordinal = ordinal;
    this.#isRaw = isRaw;
    this.#source = source;
    this.#identity = stats;
    this.hint = hashIdentity(stats);
    this.openedAtMs = openedAtMs;
    this.cursors = new FileCursorWriter(this.hint);
  }

  get mtimeMs(): number {
    return this.#identity.mtimeMs;
  }

  /** When its file was begun, ms since the epoch. */
  get begunMs(): number {
    return begunMs(this.#identity);
  }

  /** What tells its content from others that begin alike; nothing where it never was longer than that. */
  get witnesses(): readonly Witness[] {
    return this.#witnesses.all;
  }

  get isArchive(): boolean {
    return this.#source instanceof Archive;
  }

  /** Whether reading anything but forward begins at its start again. Known once it has been looked at. */
  get isLinear(): boolean {
    return this.#source instanceof Archive && this.#source.isLinear;
  }

  /** How its bytes are lines; known once its first line is there. */
  get form(): LineForm {
    if (this.#form?.head !== this.head) this.#form = { head: this.head, form: lineFormOf(this.head, this.#isRaw) };
    return this.#form.form;
  }

  /** Its length, of an archive that nobody has inflated yet as its trailer says (modulo 2^32, so what is less than compressed is more). */
  async lengthNow(): Promise<number> {
    if (this.size > 0) return this.size;
    return this.#source instanceof Archive ? this.#source.probableLength() : (await this.#source.stat()).size;
  }

  /** Looks at the file again: its length, and whether it begins as it did where it has been written to. */
  async look(): Promise<SourceStats> {
    const source = this.#source;
    const stats = await source.stat();
    // A copy has taken its place meanwhile: the length of what it was would make that a file that was cut.
    if (source !== this.#source) return this.look();
    const isWritten = stats.mtimeMs !== this.#identity.mtimeMs || !this.#isSettled;
    this.#isSettled = stats.mtimeMs < Date.now() - TICK_MS;
    if (stats.size < this.size) {
      this.cutFrom = this.size;
      this.isCut = true;
    }
    this.size = stats.size;
    this.#identity = { ...this.#identity, mtimeMs: stats.mtimeMs };
    if (isWritten || this.#mayHeadGrow(this.size)) await this.#growHead();
    // What is seen of another content tells nothing of this one.
    if (!this.isRewritten && (isWritten || this.#witnesses.isEmpty)) await this.#hearWitnesses(stats);
    return stats;
  }

  /** The first bytes as they are now. */
  async readHead(): Promise<Buffer> {
    return this.readStart(HEAD_BYTES);
  }

  /** The first `length` bytes as they are now. Of an archive, without inflating the rest. */
  async readStart(length: number): Promise<Buffer> {
    if (this.#source instanceof Archive) return this.#source.head(length);
    return this.#source.read(0, length);
  }

  /** Up to `most` bytes from `offset` on, ending before `end`, with the bytes before it. Shorter at the end of the file. */
  async readChunk(offset: number, end: number, most = CHUNK_BYTES, memory?: Buffer): Promise<Chunk> {
    const before = Math.min(CONTEXT_BYTES, offset);
    const wanted = Math.min(most, Math.max(0, end - offset));
    const bytes = await this.#source.read(offset - before, before + wanted, memory);
    if (this.#mayHeadGrow(offset + wanted)) await this.#growHead();
    return { bytes, start: Math.min(before, bytes.length), offset };
  }

  /** Whether the chunk, where it lies in the head, is what the head is; the head may be newer, and filled where the chunk was not. */
  isOfHead({ bytes, start, offset }: Chunk): boolean {
    const at = offset - start;
    if (this.isRewritten || at >= this.head.length) return !this.isRewritten;
    const ofChunk = bytes.subarray(0, this.head.length - at);
    return beginsWith(bytes, this.head.subarray(at, at + endOfText(ofChunk)));
  }

  /** Whether a chunk is of one content: one that was replaced while it was read does not begin any more as it did. */
  async isUntorn({ bytes, start, offset }: Chunk): Promise<boolean> {
    const at = offset - start;
    const isOfOnePage = Math.floor(at / PAGE_BYTES) === Math.floor((at + bytes.length - 1) / PAGE_BYTES);
    if (this.isArchive || bytes.length === 0 || isOfOnePage) return true;
    const first = bytes.subarray(0, start + CONTEXT_BYTES);
    return beginsWith(await this.#source.read(at, first.length), first);
  }

  /** For going through a large stretch of it once. */
  openScan(): ByteScan {
    return this.#source instanceof OpenFile ? this.#source.scan() : new ByteScan(this.#source, undefined);
  }

  /** The (at most 64) bytes before `offset`. */
  readContext(offset: number): Promise<Buffer> {
    return contextOf(this.#source, offset);
  }

  async cursorAt(offset: number): Promise<Cursor> {
    if (this.#mayHeadGrow(offset)) await this.#growHead();
    // Of a file that was cut a moment ago there may be less than that: its cursor then names a place that is gone.
    const context = Buffer.alloc(Math.min(CONTEXT_BYTES, offset));
    (await this.readContext(offset)).copy(context);
    const target = Buffer.allocUnsafe(40);
    const end = this.cursors.write(offset, this.head, viewOf(context), context.length, target, 0);
    return target.toString('latin1', 0, end) as Cursor;
  }

  /**
   * The start, told by the first `length` bytes: where a file was cut, no place before them tells its contents apart. They must not
   * change any more.
   */
  startCursor(length: number): Cursor {
    const target = Buffer.allocUnsafe(40);
    const end = this.cursors.writeStart(this.head.subarray(0, length), target, 0);
    return target.toString('latin1', 0, end) as Cursor;
  }

  /** Whether this is the file that `stats` are of. While it is open, its inode cannot be given to another. */
  isSameFile({ ino, dev }: SourceStats): boolean {
    return ino === this.#identity.ino && dev === this.#identity.dev;
  }

  /**
   * Whether this is the archive of `other`, which is still open. gzip gives it the time of the file that it was made from; but files
   * of one second may begin with the same banner, so the length and, where that costs nothing, the end must fit as well.
   */
  async isCompressedFormOf(other: Generation): Promise<boolean> {
    if (!(this.#source instanceof Archive) || other.isArchive) return false;
    const isSameTime = Math.floor(this.mtimeMs / 1_000) === Math.floor(other.mtimeMs / 1_000);
    if (!isSameTime || this.head.length === 0 || !this.head.equals(other.head)) return false;
    await other.look();
    if ((await this.#source.lengthInTrailer()) !== other.size % 2 ** 32) return false;
    if (other.size > CHUNK_BYTES) return true;
    const [end, otherEnd] = await Promise.all([this.readContext(other.size), other.readContext(other.size)]);
    return end.equals(otherEnd);
  }

  /** Nobody has read what it held before it was cut: it is what the file holds now. */
  async beginAnew(): Promise<void> {
    this.isRewritten = false;
    this.isCut = false;
    this.cutFrom = undefined;
    this.cursors.sharedTo = 0;
    this.#witnesses = new Witnesses();
    this.head = await this.readHead();
  }

  /** Another generation on the same open file: what it holds after a truncation. */
  renew(ordinal: number, stats: SourceStats): Generation {
    const source = this.#source instanceof OpenFile ? this.#source.share() : this.#source;
    return new Generation(ordinal, source, stats, this.#isRaw, Date.now());
  }

  /** Goes on with a copy of the content, made before it was destroyed. */
  async adopt(copy: Generation): Promise<void> {
    const destroyed = this.#source;
    this.#source = copy.#source;
    this.#identity = copy.#identity;
    this.head = copy.head;
    this.size = copy.size;
    this.isCut = false;
    this.isRewritten = false;
    this.#witnesses = new Witnesses();
    await destroyed.close();
  }

  /** An older part that cannot be read is given up; a file that is still tailed is tried again, so its error is thrown. */
  failed(error: unknown): void {
    if (this.ordinal > 0) throw error;
    this.fate = 'unreadable';
  }

  async close(): Promise<void> {
    await this.#source.close();
  }

  /** Whether the head may be more by now than is known of it, where the file reaches to `end`. */
  #mayHeadGrow(end: number): boolean {
    const { head } = this;
    return head.length < Math.min(HEAD_BYTES, end) || (head.at(-1) === 0 && !this.isArchive);
  }

  async #hearWitnesses({ size, mtimeMs }: SourceStats): Promise<void> {
    if (this.isArchive) return;
    // Others look at the same time, and may go on with a copy: what is read and what is noted must be of one content.
    const witnesses = this.#witnesses;
    const source = this.#source;
    const isStill = async () => {
      const now = await source.stat();
      return now.size === size && now.mtimeMs === mtimeMs;
    };
    const holds = await witnesses.hear(size, (offset) => contextOf(source, offset), isStill);
    if (!holds && witnesses === this.#witnesses) this.isRewritten = true;
  }

  async #growHead(): Promise<void> {
    const head = await this.readHead();
    if (beginsWith(head, this.head)) this.head = head;
    else this.isRewritten = true;
  }
}

function openedAtMsOf(source: ByteSource): number {
  return source instanceof OpenFile ? source.openedAtMs : Date.now();
}

async function contextOf(source: ByteSource, offset: number): Promise<Buffer> {
  const before = Math.min(CONTEXT_BYTES, offset);
  return before === 0 ? Buffer.alloc(0) : source.read(offset - before, before);
}

/** NULs at the end of what was there are room that a writer has made for what is to come: to fill it is no rewriting. */
export function beginsWith(bytes: Buffer, before: Buffer): boolean {
  const lasting = before.subarray(0, endOfText(before));
  return bytes.subarray(0, lasting.length).equals(lasting);
}
