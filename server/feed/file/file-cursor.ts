import { viewOf } from '../byte-view.ts';
import type { Cursor } from '../cursor.ts';
import {
  CONTEXT_BYTES,
  HEAD_BYTES,
  hashContext,
  hashHead,
  readDigits,
  writeContextHash,
  writeFourDigits,
} from './fingerprint.ts';

/**
 * The cursor of a tailed file, 34 characters: `f`, head length (2 digits, with a bit for `isShared`), head hash (12), hint (5), hash of
 * the 64 bytes before the offset (6), offset (8; 48 bits). It is a function of the file's first `offset` bytes and its identity, so the
 * same place has the same cursor whoever reads it and whenever; but for that bit, which says what others began with.
 */
export interface FileCursor {
  /** min(offset, 1024): how much of the head the hash covers. */
  readonly headLength: number;
  /** Another content of the same path was known to have all that lies before the place: that tells nothing of whose place it is. */
  readonly isShared: boolean;
  readonly headHash: string;
  readonly hint: string;
  readonly contextHash: string;
  readonly offset: number;
}

const VERSION = 'f';
const LENGTH = 34;
/** Added to the head length, which is at most 1024. */
const SHARED = 2_048;
/** The hint of a file that was not there yet. */
export const NO_FILE_HINT = '-----';

/** The fields of a cursor of this kind, or undefined where `cursor` is not one. */
export function parseFileCursor(cursor: string): FileCursor | undefined {
  if (cursor.length !== LENGTH || !cursor.startsWith(VERSION)) return undefined;
  const told = readDigits(cursor.slice(1, 3));
  const offset = readDigits(cursor.slice(26));
  if (told === undefined || offset === undefined) return undefined;
  const isShared = told >= SHARED;
  const headLength = isShared ? told - SHARED : told;
  if (headLength > HEAD_BYTES) return undefined;
  // Only a start may be told by what lies behind it.
  if (offset > 0 && headLength !== Math.min(offset, HEAD_BYTES)) return undefined;
  const [headHash, hint, contextHash] = [cursor.slice(3, 15), cursor.slice(15, 20), cursor.slice(20, 26)];
  return { headLength, isShared, headHash, hint, contextHash, offset };
}

const PREFIX_LENGTH = 20;
const HALF = 2 ** 24;

/** Writes the cursors of one file; keeps the part that all places behind the first kilobyte share. */
export class FileCursorWriter {
  readonly #hint: string;
  readonly #prefix = new Uint8Array(PREFIX_LENGTH);
  #told = -1;
  /** Up to here the file begins as another content of its path does, as far as that is known. */
  sharedTo = 0;

  constructor(hint: string) {
    this.#hint = hint;
  }

  /**
   * Writes the cursor of `offset`. `head` holds at least the file's first min(offset, 1024) bytes; `bytes` ends, at `end`, with
   * the (at most 64) bytes before the offset.
   */
  write(offset: number, head: Buffer, bytes: DataView, end: number, target: Uint8Array, at: number): number {
    this.#beginWith(head, Math.min(offset, HEAD_BYTES), offset > 0 && offset <= this.sharedTo ? SHARED : 0);
    return this.#write(offset, bytes, end, target, at);
  }

  /** Writes the cursor of the start of a content that begins with `head`, at most 1024 bytes: of the contents of one file, it fits that. */
  writeStart(head: Buffer, target: Uint8Array, at: number): number {
    this.#beginWith(head, head.length, 0);
    return this.#write(0, viewOf(head), 0, target, at);
  }

  #write(offset: number, bytes: DataView, end: number, target: Uint8Array, at: number): number {
    const prefix = this.#prefix;
    for (let index = 0; index < PREFIX_LENGTH; index += 1) target[at + index] = prefix[index] as number;
    writeContextHash(bytes, end, Math.min(offset, CONTEXT_BYTES), target, at + PREFIX_LENGTH);
    const high = Math.floor(offset / HALF);
    writeFourDigits(high, target, at + 26);
    writeFourDigits(offset - high * HALF, target, at + 30);
    return at + LENGTH;
  }

  #beginWith(head: Buffer, headLength: number, shared: number): void {
    const told = headLength + shared;
    if (told === this.#told) return;
    const digits = Buffer.alloc(4);
    writeFourDigits(told, digits, 0);
    const hash = hashHead(head.subarray(0, headLength));
    this.#prefix.set(Buffer.from(`${VERSION}${digits.toString('latin1', 2)}${hash}${this.#hint}`, 'latin1'));
    this.#told = told;
  }
}

/** The cursor before the first byte of a file that is not there yet. */
export function noFileCursor(): Cursor {
  const target = Buffer.allocUnsafe(LENGTH);
  const none = Buffer.alloc(0);
  new FileCursorWriter(NO_FILE_HINT).write(0, none, viewOf(none), 0, target, 0);
  return target.toString('latin1') as Cursor;
}

/** Whether content that begins with `head` begins as the content did that the cursor was made from. */
export function fitsHead(cursor: FileCursor, head: Buffer): boolean {
  return head.length >= cursor.headLength && hashHead(head.subarray(0, cursor.headLength)) === cursor.headHash;
}

/** Whether content that begins with `head` and has `context` before `cursor.offset` is what the cursor was made from. */
export function fitsContent(cursor: FileCursor, head: Buffer, context: Buffer): boolean {
  return fitsHead(cursor, head) && hashContext(context, context.length, context.length) === cursor.contextHash;
}
