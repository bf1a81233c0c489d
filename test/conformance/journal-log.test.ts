import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppendError } from '../../server/feed/appending.ts';
import type { Fsync } from '../../server/feed/journal/durability.ts';
import { Journals } from '../../server/feed/journal/journals.ts';
import { toFeedName } from '../../server/feed/name.ts';
import { describeLog } from './log.ts';

const makeJournalLog = (fsync: Fsync, segmentBytes: number) => async () => {
  const folder = await mkdtemp(join(tmpdir(), 'livefeed-'));
  const journals = await Journals.open(join(folder, 'data'), { fsync, segmentBytes });
  const log = journals.create(toFeedName('a/b'));
  return {
    log,
    append: async (lines: string[]) => {
      const outcomes = await log.append(lines.map((line) => ({ data: Buffer.from(line) })));
      assert.ok(outcomes.every((outcome) => !(outcome instanceof AppendError)));
    },
    dispose: async () => {
      await journals.close();
      await rm(folder, { recursive: true });
    },
  };
};

const traits = { breaks: ['a\nb', '\n', '\n\n\nx', '\nid: 1', 'data: \n'] };
describeLog('JournalLog', makeJournalLog('always', 8 * 1024 * 1024), traits);
describeLog('JournalLog of many segments', makeJournalLog('never', 300), traits);
