import type { Level } from './level.ts';

/** One event of the feed, as it is drawn and copied. `text` is the data as it came. */
export interface LineRow {
  readonly kind: 'line';
  readonly seq: number;
  readonly text: string;
  /** When the service first read it; null for what was in the file before. */
  readonly time: number | null;
  /** The next line goes on with this one: it was cut at 256 KiB. */
  readonly cut: boolean;
  readonly level: Level | undefined;
  /** Belongs to the line before (an exception, a stack frame): shown dim, filtered by that line's level, not counted. */
  readonly continued: boolean;
  /** Which of several feeds it is of, where several are shown together. */
  readonly source?: number;
  /** It came after a line that is newer than it. */
  readonly late?: boolean;
}

/** A row between rows, in words: a rotation, a restart, a gap. */
export interface NoteRow {
  readonly kind: 'note';
  readonly seq: number;
  readonly tone: 'plain' | 'gap';
  readonly words: string;
}

export type Row = LineRow | NoteRow;
