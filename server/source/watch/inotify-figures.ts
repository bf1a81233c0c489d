import { readdir, readFile, readlink } from 'node:fs/promises';

const LIMIT_FILE = '/proc/sys/fs/inotify/max_user_watches';
const DESCRIPTORS = '/proc/self/fd';

/** What /proc tells of inotify, for people who wonder how near the limit is; null where there is no /proc. */
export interface InotifyFigures {
  /** Watches of this process. The limit counts those of all processes of its user. */
  readonly watches: number | null;
  readonly limit: number | null;
}

/** The descriptor of this process's inotify instance: libuv has one for each loop, and keeps it. */
let knownDescriptor: string | undefined;

export async function inotifyFigures(): Promise<InotifyFigures> {
  const [watches, limit] = await Promise.all([countWatches(), readFile(LIMIT_FILE, 'utf8').then(Number, () => null)]);
  return { watches, limit };
}

async function countWatches(): Promise<number | null> {
  knownDescriptor ??= await findDescriptor();
  const info = knownDescriptor === undefined ? undefined : await infoOf(knownDescriptor);
  if (info !== undefined) return info.split('\n').filter((line) => line.startsWith('inotify ')).length;
  knownDescriptor = undefined;
  return process.platform === 'linux' ? 0 : null;
}

async function infoOf(descriptor: string): Promise<string | undefined> {
  return readFile(`/proc/self/fdinfo/${descriptor}`, 'utf8').catch(() => undefined);
}

/** Asked for once: a service with many readers has many descriptors. */
async function findDescriptor(): Promise<string | undefined> {
  for (const descriptor of await readdir(DESCRIPTORS).catch(() => [])) {
    const target = await readlink(`${DESCRIPTORS}/${descriptor}`).catch(() => '');
    if (target === 'anon_inode:inotify') return descriptor;
  }
  return undefined;
}
