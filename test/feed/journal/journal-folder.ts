import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type AppendableLog, AppendError, type Appended, type NewEvent } from '../../../server/feed/appending.ts';
import { Journals, type JournalsOptions } from '../../../server/feed/journal/journals.ts';
import { toFeedName } from '../../../server/feed/name.ts';

export const feed = toFeedName('orders');

/** A data folder that one process after another has. */
export class JournalFolder {
  readonly dir: string;
  readonly #options: JournalsOptions;
  journals: Journals;

  static async make(t: TestContext, options: JournalsOptions = {}): Promise<JournalFolder> {
    const parent = await mkdtemp(join(tmpdir(), 'livefeed-'));
    const dir = join(parent, 'data');
    const folder = new JournalFolder(dir, options, await Journals.open(dir, options));
    t.after(async () => {
      await folder.journals.close();
      await rm(parent, { recursive: true });
    });
    return folder;
  }

  private constructor(dir: string, options: JournalsOptions, journals: Journals) {
    this.dir = dir;
    this.#options = options;
    this.journals = journals;
  }

  get log() {
    return this.journals.create(feed);
  }

  /** The folder of the feed. */
  get path(): string {
    return join(this.dir, 'feeds', feed);
  }

  async segments(): Promise<string[]> {
    return (await readdir(this.path)).filter((name) => name.endsWith('.sse')).sort();
  }

  async restart(options: JournalsOptions = {}): Promise<void> {
    await this.journals.close();
    this.journals = await Journals.open(this.dir, { ...this.#options, ...options });
  }
}

export const event = (data: string, more: Partial<NewEvent> = {}): NewEvent => ({ data: Buffer.from(data), ...more });

/** Appends one event, which is to be taken. */
export async function append(log: AppendableLog, data: string, more: Partial<NewEvent> = {}): Promise<Appended> {
  const [outcome] = await log.append([event(data, more)]);
  assert.ok(outcome !== undefined && !(outcome instanceof AppendError), `${outcome}`);
  return outcome;
}

export async function appendAll(log: AppendableLog, lines: readonly string[]): Promise<void> {
  for (const line of lines) await append(log, line);
}
