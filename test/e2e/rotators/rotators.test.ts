import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fetchFrames } from '../../chaos/http-frames.ts';
import { hashOf } from '../../chaos/line-maker.ts';
import type { ReaderPlan } from '../../chaos/plan.ts';
import type { ReaderNotes } from '../../chaos/reader-notes.ts';
import { startReader } from '../../chaos/readers.ts';
import { eventually } from '../../source/eventually.ts';
import { finished, startChild } from '../child.ts';
import { scratchFolder } from '../scratch.ts';
import { startService } from '../service.ts';

const LINES = 500;
/** Four kilobytes a file and a hundred bytes a line. */
const LEAST_FILES = 8;
const DEADLINE_MS = 30_000;
const READERS: readonly ReaderPlan[] = [
  { by: 'eventsource', breaks: [] },
  { by: 'sse', breaks: [200, 500, 800, 1_100].map((afterMs) => ({ kind: 'cut', afterMs, forMs: 60 })) },
  {
    by: 'ndjson',
    breaks: [
      { kind: 'stall', afterMs: 100, forMs: 300 },
      { kind: 'cut', afterMs: 600, forMs: 700 },
    ],
  },
];

test('readers of pino-roll and winston-daily-rotate-file, which write to another name several times a second, get each line once', async (t) => {
  const root = scratchFolder();
  const rotators = ['pino-roll', 'winston'].map((name) => {
    const folder = join(root, name);
    mkdirSync(folder);
    const program = join(import.meta.dirname, `${name}-writer.mjs`);
    const writer = startChild(t, [process.execPath, program, folder, String(LINES)], { stdio: ['pipe', 'pipe', 'inherit'] });
    return { name, folder, writer };
  });
  for (const { writer } of rotators) if (writer.stdout !== null) await once(writer.stdout, 'data');
  const service = await startService(t, [
    ...rotators.map(({ name, folder }) => `${name}=${join(folder, 'app*')}`),
    '--wait',
    '--partial-timeout',
    '100ms',
  ]);
  const readers = rotators.map(({ name }) =>
    READERS.map((plan) => startReader(t, `${name}, read`, `${service.url}/feeds/${name}`, plan)),
  );
  await eventually('all have the first line', () => readers.flat().every((notes) => linesOf(notes).length > 0), DEADLINE_MS);
  for (const { writer } of rotators) writer.stdin?.end();
  await service.kill('SIGKILL');
  await service.start();
  for (const { name, writer } of rotators) await finished(writer, name);

  for (const [index, { name, folder }] of rotators.entries()) {
    const written = writtenTo(folder);
    assert.ok(written.files >= LEAST_FILES, `${name} has written ${written.files} files`);
    assert.deepEqual(
      written.lines.map((line) => JSON.parse(line).number),
      Array.from({ length: LINES }, (_, number) => number + 1),
      `${name} itself has lost nothing`,
    );
    const hashes = written.lines.map(hashOf);
    for (const notes of readers[index] ?? []) {
      await eventually(`${notes.who}: the last line`, () => notes.has(hashes.at(-1) ?? ''), DEADLINE_MS);
      assert.deepEqual(linesOf(notes), hashes, notes.who);
      const bad = notes.entries.filter(({ what }) => what === 'gap' || what === 'broken');
      assert.deepEqual(bad, [], notes.who);
    }
    const history = await fetchFrames(`${service.url}/feeds/${name}?since=start&follow=false`);
    const lines = history?.filter(({ type }) => type === 'message').map(({ data }) => data);
    assert.deepEqual(lines, written.lines, `the history of ${name}`);
  }
});

function linesOf({ entries }: ReaderNotes): string[] {
  return entries.flatMap((entry) => (entry.what === 'line' ? [entry.hash] : []));
}

/** All lines, file after file as they were made. */
function writtenTo(folder: string): { files: number; lines: string[] } {
  const files = readdirSync(folder)
    .filter((name) => name.startsWith('app'))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(a).birthtimeMs - statSync(b).birthtimeMs);
  const text = files.map((file) => readFileSync(file, 'utf8')).join('');
  return { files: files.length, lines: text.split(/\r?\n/).filter((line) => line !== '') };
}
