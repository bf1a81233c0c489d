import { watch as watchWithNode } from 'node:fs';
import { watch as watchWithChokidar } from 'chokidar';

/** Something that tells when a folder's entries are touched. */
export interface FolderWatcher {
  close(): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

/** Starts to watch a folder. `onTouched` is given the name of what was touched in it; null where the system does not say. Throws. */
export type StartWatch = (folder: string, onTouched: (name: string | null) => void) => FolderWatcher;

/** inotify tells the name of every entry, and nothing is to be added to that. */
export const nodeWatch: StartWatch = (folder, onTouched) =>
  watchWithNode(folder, { persistent: false }, (_event, name) => onTouched(name));

/**
 * chokidar knows the quirks of the watches of macOS and Windows. Its `raw` events are what the system said, unthrottled; it reads
 * the folder again after each of them, though, which is why Linux does without (docs/decisions/0007).
 */
export const chokidarWatch: StartWatch = (folder, onTouched) => {
  const ignored = (path: string, stats?: unknown) => stats !== undefined && path !== folder;
  const watcher = watchWithChokidar(folder, { depth: 0, ignoreInitial: true, persistent: false, ignored });
  watcher.on('raw', (_event, name: unknown) => onTouched(typeof name === 'string' ? name : null));
  return watcher;
};

export const startWatch: StartWatch = process.platform === 'linux' ? nodeWatch : chokidarWatch;
