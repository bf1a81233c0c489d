import type { LogStats } from '../log.ts';
import type { SourceStats } from './byte-source.ts';

/** What a path's stat tells over time: its length, how much has come, when it was last written to. */
export class PathStats {
  #ino: bigint | undefined;
  #bytes = 0;
  #bytesAppended = 0;
  #lastEventAt: number | null = null;

  get current(): Omit<LogStats, 'eventsAppended'> {
    return { bytes: this.#bytes, bytesAppended: this.#bytesAppended, lastEventAt: this.#lastEventAt };
  }

  note(stats: SourceStats | undefined): void {
    const bytes = stats?.size ?? 0;
    const isKnown = this.#ino !== undefined && stats?.ino === this.#ino && bytes >= this.#bytes;
    // What the file held at the first look has not come since the process started.
    if (this.#ino !== undefined) this.#bytesAppended += isKnown ? bytes - this.#bytes : bytes;
    this.#bytes = bytes;
    if (stats === undefined) return;
    this.#ino = stats.ino;
    if (bytes > 0) this.#lastEventAt = stats.mtimeMs;
  }
}
