import { type Files, isMissing } from './files.ts';
import { listSegments } from './recovery.ts';

/** What is known of a journal without looking into its files. */
export interface Glance {
  readonly bytes: number;
  /** When the newest segment was last written to, ms since the epoch. */
  readonly lastEventAt: number | null;
  /** When the oldest segment was. */
  readonly oldestAt: number | null;
}

export async function glanceAt(folder: string, files: Files): Promise<Glance | undefined> {
  const segments = await listSegments(folder, files);
  const first = segments[0];
  const last = segments.at(-1);
  if (first === undefined || last === undefined) return undefined;
  try {
    const { size, mtimeMs } = await files.stat(last.path);
    const oldestAt = first === last ? mtimeMs : (await files.stat(first.path)).mtimeMs;
    const hasEvents = size > 0 || first !== last;
    return {
      bytes: last.base + size - first.base,
      lastEventAt: hasEvents ? mtimeMs : null,
      oldestAt: hasEvents ? oldestAt : null,
    };
  } catch (error) {
    // A segment is being dropped.
    if (isMissing(error)) return undefined;
    throw error;
  }
}
