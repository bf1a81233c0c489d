import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArchiveCache } from '../../server/feed/file/archive-cache.ts';
import { FileLog } from '../../server/feed/file/file-log.ts';
import { describeLog } from './log.ts';

async function makeFileLog() {
  const folder = await mkdtemp(join(tmpdir(), 'livefeed-'));
  const archives = new ArchiveCache(2 ** 20);
  const path = join(folder, 'a.log');
  await writeFile(path, '');
  const log = new FileLog({ path, partialTimeoutMs: 1_000, archives });
  return {
    log,
    append: async (lines: string[]) => {
      await appendFile(path, lines.map((line) => `${line}\n`).join(''));
      await log.look();
    },
    dispose: async () => {
      await log.close();
      await rm(folder, { recursive: true });
    },
  };
}

describeLog('FileLog', makeFileLog, { breaks: ['a\rb', '\rx', 'a\rb\rc'] });
