/** What the writer and the readers write down, one JSON object a line, and what the checker reads. Times are ms since the epoch. */

/** A fault that destroys lines, or may: what was in the file is gone from it. */
export type DestroyingFault =
  | 'copytruncate'
  | 'copytruncate under load'
  | 'truncate'
  | 'regrow'
  | 'rewrite'
  | 'delete'
  | 'replace'
  | 'expire';

/** A fault after which every line can still be read. */
export type HarmlessFault = 'rotate' | 'rotate twice' | 'late' | 'zip' | 'repoint' | 'torn' | 'flood';

/** One line as a whole. `part`: which file it went to, counted from 0 in the order in which the path named them. */
export interface LineWritten {
  readonly what: 'line';
  readonly at: number;
  readonly part: number;
  readonly number: number;
  /** Of the text without its line ending. */
  readonly hash: string;
  /** Written to a file that had already been replaced by one with bytes. */
  readonly isLate: boolean;
}

/** A text that is not numbered: the same at the head of each part, or at its end. */
export interface BannerWritten {
  readonly what: 'banner';
  readonly hash: string;
}

export interface FaultDone {
  readonly what: 'fault';
  readonly at: number;
  readonly kind: DestroyingFault | HarmlessFault;
  /** The part that the path named before. */
  readonly part: number;
  readonly inode: number;
  /** The numbers that are in no file any more because of it. */
  readonly destroyed: readonly number[];
}

/** The service went down or came up, as the writer was told. */
export interface ServiceTurn {
  readonly what: 'down' | 'up';
  readonly at: number;
}

export interface WriterEnded {
  readonly what: 'end';
  readonly at: number;
  /** Of the last line: a reader who has it is at the end. */
  readonly lastHash: string;
}

export type WriterEntry = LineWritten | BannerWritten | FaultDone | ServiceTurn | WriterEnded;

/** What a reader was given, in order, and what was done to it. */
export type ReaderEntry =
  | { readonly what: 'line'; readonly at: number; readonly hash: string; readonly begins: string }
  | { readonly what: 'open'; readonly at: number; readonly start: string; readonly asked: string }
  | { readonly what: 'gap'; readonly at: number; readonly reason: string; readonly bytes: number | null; readonly hasId: boolean }
  /** The lines of the range that a late gap named, fetched; what was destroyed before that is a gap in it. */
  | { readonly what: 'late'; readonly at: number; readonly hasGap: boolean; readonly hashes: readonly string[] }
  | { readonly what: 'notice'; readonly at: number; readonly type: string }
  | { readonly what: 'broken'; readonly at: number; readonly why: string };

export interface ReaderRecord {
  readonly who: string;
  /** `follow` reads live from the first line on; `history` asks at the end for all there is. */
  readonly kind: 'follow' | 'history';
  readonly entries: readonly ReaderEntry[];
}

export function parseRecord<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
