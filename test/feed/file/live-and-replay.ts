import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch, EventBatch } from '../../../server/feed/batch.ts';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { ArchiveCache } from '../../../server/feed/file/archive-cache.ts';
import { FileLog } from '../../../server/feed/file/file-log.ts';

const DEADLINE_MS = 30_000;
/** Never in these tests. */
const PARTIAL_TIMEOUT_MS = 600_000;

/** An event as a reader sees it, without the time at which it was read. */
export interface SeenEvent {
  readonly data: string;
  readonly cut: boolean;
  readonly stream: 'stderr' | undefined;
  readonly cursor: Cursor;
}

/** What a reader has been given. */
export class Seen {
  readonly events: SeenEvent[] = [];
  readonly others: string[] = [];
  /** Bytes of NULs that were skipped. */
  skipped = 0;
  rest = '';

  add(batch: Batch): void {
    if (batch.kind === 'notice') this.#addNotice(batch.type, batch.data);
    else this.#addEvents(batch);
  }

  #addEvents(batch: EventBatch): void {
    const target = Buffer.alloc(64);
    for (let index = 0; index < batch.count; index += 1) {
      const data = batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]);
      if (!batch.hasBreaks) assert.doesNotMatch(data, /[\r\n]/, 'a batch that denies breaks has none');
      const cursor = target.toString('latin1', 0, batch.writeCursor(index, target, 0)) as Cursor;
      this.events.push({ data, cut: batch.isCut(index), stream: batch.stream?.(index), cursor });
    }
  }

  /** Lines as text shows them: pieces of one line together. */
  get lines(): string[] {
    const lines: string[] = [];
    let line = '';
    for (const { data, cut } of this.events) {
      line += data;
      if (cut) continue;
      lines.push(line.replace(/\r\n?/g, '\n'));
      line = '';
    }
    return lines;
  }

  #addNotice(type: string, data: Readonly<Record<string, unknown>>): void {
    if (type === 'feed.partial') this.rest = String(data.data);
    else if (type === 'feed.skipped') this.skipped += Number(data.bytes);
    else this.others.push(type);
  }
}

export interface ScratchFile {
  readonly path: string;
  /** Another log of the file, as after a restart. */
  again(): FileLog;
}

/** Does `work` with an empty file that is gone afterwards. */
export async function withFile(work: (file: ScratchFile) => Promise<void>, raw = false): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'livefeed-'));
  const path = join(folder, 'a.log');
  await writeFile(path, '');
  const archives = new ArchiveCache(0);
  const logs: FileLog[] = [];
  const again = () => {
    const log = new FileLog({ path, partialTimeoutMs: PARTIAL_TIMEOUT_MS, archives, raw });
    logs.push(log);
    return log;
  };
  try {
    await work({ path, again });
  } finally {
    for (const log of logs) await log.close();
    await archives.close();
    await rm(folder, { recursive: true });
  }
}

/** Looks until the log has seen everything that is there: in a hole it stops to go on in a later look. */
export async function lookToTheEnd(log: FileLog): Promise<void> {
  const until = performance.now() + DEADLINE_MS;
  for (let againMs = await log.look(); againMs !== undefined && againMs < PARTIAL_TIMEOUT_MS / 2; againMs = await log.look()) {
    assert.ok(performance.now() < until, 'it has seen everything in time');
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/** What somebody sees who follows from the head while `steps` write to the file and look in between. */
export async function followThrough(log: FileLog, steps: readonly (() => Promise<unknown>)[]): Promise<Seen> {
  const seen = new Seen();
  const following = await log.follow({ batch: (batch) => seen.add(batch), partial: () => {} });
  for (const step of steps) {
    await step();
    await lookToTheEnd(log);
  }
  following.stop();
  return seen;
}

/** What somebody sees who reads everything after `cursor`, or from the oldest on. */
export async function readThrough(log: FileLog, cursor?: Cursor): Promise<Seen> {
  const seen = new Seen();
  const start = await log.locate(cursor === undefined ? { at: 'oldest' } : { at: 'cursor', cursor });
  assert.equal(start.gap, undefined);
  for await (const batch of log.read(start.position, { signal: new AbortController().signal })) seen.add(batch);
  return seen;
}

/** Asserts that who was there and who comes later see the same, from wherever they come. */
export async function assertSameFromAnywhere(live: Seen, again: () => FileLog): Promise<Seen> {
  const replay = await readThrough(again());
  assertSameEvents(live.events, replay.events, 'live is as replay');
  assert.equal(live.skipped, replay.skipped, 'as many NULs were skipped');
  assert.deepEqual(live.others, []);
  const { length } = replay.events;
  for (const index of new Set([0, Math.floor(length / 2), length - 1].filter((at) => at >= 0 && at < length))) {
    const rest = await readThrough(again(), replay.events[index]?.cursor);
    assertSameEvents(rest.events, replay.events.slice(index + 1), `resumed behind event ${index} of ${length}`);
  }
  return replay;
}

/** Fails with the first that differs: a diff of megabytes takes minutes. */
export function assertSameEvents<T>(seen: readonly T[], expected: readonly T[], message: string): void {
  for (let index = 0; index < Math.max(seen.length, expected.length); index += 1) {
    const [saw, should] = [JSON.stringify(seen[index]), JSON.stringify(expected[index])];
    if (saw === should) continue;
    assert.fail(`${message}: event ${index} of ${expected.length} is ${shortened(saw)}, should be ${shortened(should)}`);
  }
}

function shortened(json: string | undefined): string {
  if (json === undefined) return 'nothing';
  return json.length <= 200 ? json : `${json.slice(0, 100)}… ${json.length - 200} …${json.slice(-100)}`;
}

/** `bytes` cut at places, each anywhere. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter((part) => part.length > 0);
}
