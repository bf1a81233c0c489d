import type { LogStats } from '../log.ts';
import type { SourceStats } from './byte-source.ts';

/** What a path's stat tells over time: its length, how much has come, when it was last written to. A view that stays the same object. */
export class PathStats implements LogStats {
  bytes = 0;
  bytesAppended = 0;
  eventsAppended: number | null = null;
  lastEventAt: number | null = null;
  /** Whether the path named a regular file at the last look. */
  isThere = false;
  /** How many files, or contents of one file, have been seen at the path. */
  generation = 0;
  #ino: bigint | undefined;

  note(stats: SourceStats | undefined): void {
    const bytes = stats?.size ?? 0;
    const isKnown = this.#ino !== undefined && stats?.ino === this.#ino && bytes >= this.bytes;
    // What the file held at the first look has not come since the process started.
    if (this.#ino !== undefined) this.bytesAppended += isKnown ? bytes - this.bytes : bytes;
    this.bytes = bytes;
    this.isThere = stats !== undefined;
    if (stats === undefined) return;
    if (!isKnown) this.generation += 1;
    this.#ino = stats.ino;
    if (bytes > 0) this.lastEventAt = stats.mtimeMs;
  }
}
