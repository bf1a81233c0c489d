/** What tells one file from another, and what it holds. */
export interface SourceStats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly birthtimeNs: bigint;
  readonly mtimeMs: number;
  /** Bytes that can be read. */
  readonly size: number;
}

/** Bytes that can be read at any place: an open file, or an archive as if it were not one. */
export interface ByteSource {
  stat(): Promise<SourceStats>;
  /** Up to `length` bytes from `position` on; fewer at the end. They may be read into `memory`, which is large enough. */
  read(position: number, length: number, memory?: Buffer): Promise<Buffer>;
  close(): Promise<void>;
}

/** File systems take their times from a clock that ticks every few ms. */
export const TICK_MS = 10;

/** When a file was made, ms since the epoch; 0 where the file system does not keep that. */
export function bornMs({ birthtimeNs }: SourceStats): number {
  return Number(birthtimeNs) / 1e6;
}

/** When a file was begun, ms since the epoch; where it was compressed or restored after its last line, when that was written. */
export function begunMs(stats: Pick<SourceStats, 'birthtimeNs' | 'mtimeMs'>): number {
  const born = Number(stats.birthtimeNs) / 1e6;
  return born > 0 ? Math.min(born, stats.mtimeMs) : stats.mtimeMs;
}
