import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Folders whose files are small: to start a process for each takes a second of processor time, more than most of their tests do. */
const SMALL = new Set(['config', 'delivery', 'feed', 'http', 'public', 'source']);
/** They look at what their process holds, take its clock, or take long. */
const OWN_PROCESS: readonly string[] = [
  'delivery/leaks',
  'delivery/several-feeds',
  'delivery/timer-wheel',
  'delivery/vanished-peer',
  'feed/filter/match-thread',
  'feed/journal/power',
  'http/publish-disk-full',
  'public/tabs/tabs',
];
const FILES_A_GROUP = 6;

/** Puts small test files together, each group into one file that imports them; to be removed when they have run. */
export function grouped(root: string, files: readonly string[]): { readonly paths: string[]; remove(): void } {
  const ownProcess = new Set(OWN_PROCESS.map((path) => join(root, `${path}.test.ts`)));
  const missing = [...ownProcess].filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`OWN_PROCESS in test/groups.ts names what is no test file: ${missing.join(', ')}`);
  const folderOf = (file: string) => relative(root, file).split(sep)[0] ?? '';
  const isSmall = (file: string) => SMALL.has(folderOf(file)) && !ownProcess.has(file);
  const small = files.filter(isSmall);
  const count = Math.ceil(small.length / FILES_A_GROUP);
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-groups-'));
  const groups = Array.from({ length: count }, (_, group) => {
    // Neighbours are alike, and so are the times that they take: dealt out like cards.
    const imports = small.filter((_file, index) => index % count === group).map((file) => `import '${pathToFileURL(file)}';`);
    const path = join(folder, `group-${group}.test.mjs`);
    writeFileSync(path, `${imports.join('\n')}\n`);
    return path;
  });
  return {
    paths: [...files.filter((file) => !isSmall(file)), ...groups],
    remove: () => rmSync(folder, { recursive: true }),
  };
}
