import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { catchUp } from '../../server/delivery/catch-up.ts';
import type { Format } from '../../server/delivery/format.ts';
import { ndjsonFormat, sseFormat, textFormat } from '../../server/delivery/formats.ts';
import { FramingTurns } from '../../server/delivery/framing-turns.ts';
import { event, JournalFolder } from '../feed/journal/journal-folder.ts';

const EVENTS = 4_000;
const DATA = Array.from({ length: EVENTS }, (_, number) => `${number} ${'x'.repeat(number % 701)}`);
const { signal } = new AbortController();

/** A journal of several blocks in one segment, which is not written through: nothing here depends on that. */
async function history(context: TestContext) {
  const folder = await JournalFolder.make(context, { fsync: 'never' });
  await folder.log.append(DATA.map((data) => event(data)));
  return folder;
}

/** All that is framed, kept as it came while what is behind it was read; each step is given back at once, as a fast client does. */
async function kept({ log }: JournalFolder, format: Format): Promise<Buffer[]> {
  const { position } = await log.locate({ at: 'oldest' });
  const parts: Buffer[] = [];
  for await (const { bytes, giveBack } of catchUp(log, { format, framing: new FramingTurns() }, { from: position, signal })) {
    parts.push(format.key === 'sse' ? bytes : Buffer.from(bytes));
    giveBack();
  }
  return parts;
}

test('a published history is sent as the bytes that are stored, in memory that is not used again', async (context) => {
  const folder = await history(context);
  const parts = await kept(folder, sseFormat());
  const stored = (await folder.segments()).map((name) => readFileSync(join(folder.path, name)));
  assert.ok(parts.length > 3, `${parts.length} steps`);
  assert.ok(Buffer.concat(parts).equals(Buffer.concat(stored)));
});

test('frames that are stored are not copied into a room', async (context) => {
  const { log } = await history(context);
  const { position } = await log.locate({ at: 'oldest' });
  const noRoom = { take: () => assert.fail('memory was taken') };
  for await (const batch of log.read(position, { signal }))
    if (batch.kind === 'events') assert.equal(sseFormat().events([batch], noRoom), batch.sse);
});

test('a published history in other formats is framed in the same memory over and over', async (context) => {
  const folder = await history(context);
  const text = Buffer.concat(await kept(folder, textFormat())).toString();
  assert.equal(text, DATA.map((data) => `${data}\n`).join(''));
  const lines = Buffer.concat(await kept(folder, ndjsonFormat('orders')))
    .toString()
    .trimEnd()
    .split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).data),
    DATA,
  );
});
