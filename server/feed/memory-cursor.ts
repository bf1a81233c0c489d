import { randomBytes } from 'node:crypto';
import type { Cursor } from './cursor.ts';

const FORM = /^m([A-Za-z0-9_-]{8})(0|[1-9a-z][0-9a-z]*)$/;

/** A new identity of a memory log: 48 random bits, so that a cursor from before a restart is never taken for one of ours. */
export function newEpoch(): string {
  return randomBytes(6).toString('base64url');
}

/** The cursor "after `sequence` events of this epoch": at most 20 characters, each sequence has one form only. */
export function formatMemoryCursor(epoch: string, sequence: number): Cursor {
  return `m${epoch}${sequence.toString(36)}` as Cursor;
}

/** How many events of `epoch` the cursor is after; undefined where it is of another epoch or not a memory cursor at all. */
export function parseMemoryCursor(epoch: string, cursor: string): number | undefined {
  const parts = FORM.exec(cursor);
  if (parts === null || parts[1] !== epoch) return undefined;
  const sequence = Number.parseInt(parts[2] ?? '', 36);
  return Number.isSafeInteger(sequence) ? sequence : undefined;
}
