import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorCode, pathTrouble } from '../config/path-trouble.ts';
import { UsageError } from '../config/usage-error.ts';
import { userFolder } from '../config/user-folder.ts';
import { FEEDS } from '../feed/journal/data-folder.ts';
import { realFiles } from '../feed/journal/files.ts';
import { feedIn } from '../feed/journal/folder-name.ts';
import { FolderLock } from '../feed/journal/lock.ts';
import { type FeedReport, verifyFeed } from '../feed/journal/verify.ts';

const USAGE = 'verify needs one folder: livefeed verify DIR';
const SOUND = 0;
const DAMAGED = 1;

/** `livefeed verify DIR`. Answers the exit code: 1 where something is wrong. Throws UsageError where the folder cannot be checked. */
export async function verifyCommand(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const dir = readArguments(argv);
  const owner = await FolderLock.owner(dir);
  if (owner !== undefined)
    throw new UsageError(`${dir} is in use by process ${owner}, which writes in it: stop that, or verify a copy`);
  let isSound = true;
  for (const folder of feedFolders(dir)) {
    const report = await verifyFeed(join(dir, FEEDS, folder), realFiles).catch((error: unknown) => unreadable(error));
    isSound &&= report.troubles.length === 0;
    print(linesOf(feedIn(folder) ?? `${folder} (not a feed)`, report));
  }
  print(
    isSound ? 'Nothing is wrong.\n' : 'Something is wrong: what is left is given to readers, and what is not is a feed.gap.\n',
  );
  return isSound ? SOUND : DAMAGED;
}

function readArguments(argv: readonly string[]): string {
  const [folder, ...more] = argv;
  if (folder === undefined || folder === '' || more.length > 0 || folder.startsWith('-')) throw new UsageError(USAGE);
  const path = resolve(userFolder(process.env, process.cwd()), folder);
  try {
    if (statSync(path).isDirectory()) return path;
  } catch (error) {
    throw new UsageError(`${path} ${pathTrouble(error)}`, { cause: error });
  }
  throw new UsageError(`${path} is not a folder: give the folder that --data names`);
}

function feedFolders(dir: string): string[] {
  try {
    return readdirSync(join(dir, FEEDS)).sort();
  } catch (error) {
    const why =
      errorCode(error) === 'ENOENT' ? 'holds no published feeds: give the folder that --data names' : pathTrouble(error);
    throw new UsageError(`${dir} ${why}`, { cause: error });
  }
}

function unreadable(error: unknown): FeedReport {
  return { segments: 0, events: 0, bytes: 0, troubles: [pathTrouble(error)], notes: [] };
}

function linesOf(name: string, { segments, events, bytes, troubles, notes }: FeedReport): string {
  const sum = `${events} ${events === 1 ? 'event' : 'events'}, ${bytes} bytes in ${segments} ${segments === 1 ? 'segment' : 'segments'}`;
  const more = [...troubles.map((words) => `  WRONG ${words}`), ...notes.map((words) => `  note  ${words}`)];
  return [`${name}: ${sum}`, ...more, ''].join('\n');
}
