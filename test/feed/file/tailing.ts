import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Batch, PartialLine } from '../../../server/feed/batch.ts';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { ArchiveCache } from '../../../server/feed/file/archive-cache.ts';
import { FileLog, type FileLogOptions } from '../../../server/feed/file/file-log.ts';

/** What somebody who follows a log has been told, in words: lines as they are, notices as `feed.type`. */
export class Told {
  readonly items: string[] = [];
  readonly cursors: Cursor[] = [];
  readonly notices: { type: string; data: Readonly<Record<string, unknown>> }[] = [];
  partial: PartialLine | null = null;

  batch(batch: Batch): void {
    if (batch.kind === 'notice') {
      this.items.push(batch.type);
      this.notices.push({ type: batch.type, data: batch.data });
      return;
    }
    const target = Buffer.alloc(64);
    for (let index = 0; index < batch.count; index += 1) {
      this.items.push(batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]));
      this.cursors.push(target.toString('latin1', 0, batch.writeCursor(index, target, 0)) as Cursor);
    }
  }
}

export interface Tailing {
  readonly folder: string;
  readonly path: string;
  readonly log: FileLog;
  readonly archives: ArchiveCache;
  append(text: string | Buffer): Promise<void>;
  /** Another log of the same path, as after a restart of the service. */
  again(options?: Partial<FileLogOptions>): FileLog;
  /** Everything after `cursor`, or from the oldest on, in words. */
  readAfter(cursor?: Cursor, log?: FileLog): Promise<Told & { by: string }>;
}

/** A file in a folder of its own and a log of it; both go with the test. */
export async function tailing(
  context: TestContext,
  content: string | Buffer | null = '',
  partialTimeoutMs = 1_000,
): Promise<Tailing> {
  const folder = await mkdtemp(join(tmpdir(), 'livefeed-'));
  const archives = new ArchiveCache(64 * 2 ** 20);
  const path = join(folder, 'a.log');
  if (content !== null) await writeFile(path, content);
  const logs: FileLog[] = [];
  const again = (options: Partial<FileLogOptions> = {}) => {
    const log = new FileLog({ path, partialTimeoutMs, archives, ...options });
    logs.push(log);
    return log;
  };
  const log = again();
  context.after(async () => {
    for (const open of logs) await open.close();
    await archives.close();
    await rm(folder, { recursive: true });
  });
  const readAfter = async (cursor?: Cursor, from: FileLog = log) => {
    const located = await from.locate(cursor === undefined ? { at: 'oldest' } : { at: 'cursor', cursor });
    const told = Object.assign(new Told(), { by: located.by });
    if (located.gap !== undefined) told.items.push(`gap ${located.gap.reason}`);
    for await (const batch of from.read(located.position, { signal: new AbortController().signal })) told.batch(batch);
    return told;
  };
  return { folder, path, log, archives, append: (text) => appendFile(path, text), again, readAfter };
}

/** Begins to follow: what is told from now on. */
export async function follow(log: FileLog): Promise<Told & { stop(): void }> {
  const told = new Told();
  const { stop } = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  return Object.assign(told, { stop });
}

/** Looks, as often as the log wants to be looked at, until `done`. Throws after `deadlineMs`. */
export async function lookUntil(log: FileLog, done: () => boolean, deadlineMs = 10_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!done()) {
    if (performance.now() > end) throw new Error('it has not come in time');
    const againMs = (await log.look()) ?? 5;
    await new Promise((resolve) => setTimeout(resolve, Math.min(againMs, 50)));
  }
}
