import { join } from 'node:path';
import { type Files, isMissing } from './files.ts';

/** What of a feed is kept: the oldest segments are dropped while there is more. The newest event is always kept. */
export interface Retention {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Null: as many as there are. */
  readonly maxEvents: number | null;
}

export const DEFAULT_RETENTION: Retention = { maxBytes: 64 * 1024 * 1024, maxAgeMs: 7 * 24 * 60 * 60 * 1000, maxEvents: null };
const FILE = 'retention.json';

export async function loadRetention(files: Files, folder: string): Promise<Retention> {
  try {
    return { ...DEFAULT_RETENTION, ...JSON.parse((await files.read(join(folder, FILE))).toString()) };
  } catch (error) {
    if (isMissing(error)) return DEFAULT_RETENTION;
    throw error;
  }
}

/** The old one or the new one is there, whatever happens. */
export async function saveRetention(files: Files, folder: string, retention: Retention): Promise<void> {
  const path = join(folder, `${FILE}.new`);
  await files.unlink(path).catch(() => undefined);
  const file = await files.open(path, 'new');
  try {
    await file.write(Buffer.from(JSON.stringify(retention)), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(path, join(folder, FILE));
  await files.syncFolder(folder);
}
