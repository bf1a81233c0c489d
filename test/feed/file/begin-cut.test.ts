import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Generations } from '../../../server/feed/file/generations.ts';
import type { OpenFile } from '../../../server/feed/file/open-file.ts';
import { SinglePath } from '../../../server/feed/file/tailed-path.ts';
import { eventually } from '../../source/eventually.ts';
import { lookUntil, Told, tailing } from './tailing.ts';

/** What all contents of the file begin with: more than a cursor has of its head. */
const BANNER = `# ${'settings '.repeat(150)}`;
const linesOf = (word: string, lines: number) => Array.from({ length: lines }, (_, index) => `${word} ${index}`);
const contentOf = (word: string, lines: number) => [BANNER, ...linesOf(word, lines), ''].join('\n');

/** The path of a file that is copied, cut and written anew right behind the `nth` time that its length is asked for. */
class CutBehindLook extends SinglePath {
  readonly #nth: number;
  readonly #cut: () => void;

  constructor(path: string, nth: number, cut: () => void) {
    super(path);
    this.#nth = nth;
    this.#cut = cut;
  }

  override async open(): Promise<OpenFile | undefined> {
    const file = await super.open();
    if (file === undefined) return undefined;
    let looks = 0;
    const stat = file.stat.bind(file);
    file.stat = async () => {
      const stats = await stat();
      looks += 1;
      if (looks === this.#nth) this.#cut();
      return stats;
    };
    return file;
  }
}

// Of a file that was cut in its very first look nobody has seen more than the banner: nothing tells which copy is its own.
for (const [word, isKnown, first] of [
  ['nobody had opened', false, 1],
  ['others had come to', true, 3],
] as const)
  for (let nth: number = first; nth <= 9; nth += 1)
    test(`who reads up to where the tail of a file began that ${word}, and what it told, has all lines once, though it was cut behind look ${nth} at it`, async (context) => {
      const { path, again } = await tailing(context, contentOf('old', 90));
      const cut = () => {
        copyFileSync(path, `${path}.1`);
        writeFileSync(path, contentOf('newer', 20));
      };
      const log = again({ tailed: new CutBehindLook(path, nth, cut) });
      if (isKnown) await log.locate({ at: 'head' });
      const live = new Told();
      const { position: until, stop } = await log.follow({ batch: (batch) => live.batch(batch), partial: () => {} });
      for (const _ of ['where it was cut before that', 'where it is cut in the first']) await log.look();
      const { position } = await log.locate({ at: 'oldest' });
      const told = new Told();
      for await (const batch of log.read(position, { until, signal: new AbortController().signal })) told.batch(batch);
      const all = () => [...told.items, ...live.items];
      await lookUntil(log, () => all().includes('newer 19'));
      const lines = all().filter((item) => !item.startsWith('feed.'));
      assert.deepEqual(lines, [BANNER, ...linesOf('old', 90), BANNER, ...linesOf('newer', 20)]);
      stop();
    });

test('a look that began before a copy took the place of a cut file finds the length of the copy', async (context) => {
  const { path, archives } = await tailing(context, contentOf('old', 90));
  const held: (() => void)[] = [];
  let isHeld = false;
  const tailed = new SinglePath(path);
  const open = tailed.open.bind(tailed);
  tailed.open = async () => {
    const file = await open();
    const stat = file?.stat.bind(file);
    if (file !== undefined && stat !== undefined)
      file.stat = async () => {
        const waits = isHeld;
        const stats = await stat();
        if (waits) await new Promise<void>((resolve) => held.push(resolve));
        return stats;
      };
    return file;
  };
  const generations = new Generations(tailed, archives, false);
  context.after(() => generations.close());
  await generations.refresh();
  const { newest } = generations;
  assert.ok(newest);
  const { size } = await newest.look();
  copyFileSync(path, `${path}.1`);
  writeFileSync(path, contentOf('newer', 20));
  isHeld = true;
  const look = newest.look();
  isHeld = false;
  await generations.truncated(newest, []);
  await eventually('it is held', () => held.length > 0);
  for (const release of held) release();
  await look;
  assert.equal(newest.size, size);
  assert.equal(newest.isCut, false);
});
