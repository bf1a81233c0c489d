import type { Stats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The stats of a regular file. Nobody has named the older parts of a log, so a link among them counts only where it leads into one
 * of `folders` (real paths): who may write there must not make the service read what he may not read himself.
 */
export async function statPart(path: string, folders: ReadonlySet<string>): Promise<Stats | undefined> {
  const stats = await statOfItself(path);
  if (!stats?.isSymbolicLink()) return stats?.isFile() ? stats : undefined;
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined || !folders.has(dirname(target))) return undefined;
  const ofTarget = await statOfItself(target);
  return ofTarget?.isFile() ? ofTarget : undefined;
}

function statOfItself(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}
