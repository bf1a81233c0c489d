import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { MUTANTS, mutantImport } from '../chaos/mutants.ts';
import { type Command, run } from '../command.ts';
import { eventually } from '../source/eventually.ts';

const CASES = 26;

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function proving(t: TestContext, args: readonly string[], module?: string): Command {
  const env = module === undefined ? process.env : { ...process.env, NODE_OPTIONS: `--import ${module}` };
  return run(t, ['prove', ...args], { env });
}

/** The titles of the cases with this verdict. */
function casesThat(verdict: string, text: string): string[] {
  return [...text.matchAll(new RegExp(`^ {2}${verdict} +(.+)$`, 'gm'))].map(([, title]) => title ?? '');
}

/** They wait much and work little. */
describe('livefeed prove', { concurrency: true }, () => {
  test('livefeed prove tries out what happens to logs, breaks no promise here, and leaves nothing behind', async (t) => {
    const folder = scratch(t);
    const command = proving(t, [folder]);
    assert.equal(await command.ended, 0, command.stdout() + command.stderr());
    const text = command.stdout();
    assert.match(text, new RegExp(`^${folder} is on \\S`));
    for (const property of ['watching', 'inode numbers', 'birth times', 'times of change'])
      assert.match(text, new RegExp(`^ {2}${property} +\\S`, 'm'));
    const [ok, told] = [casesThat('ok', text), casesThat('told as a gap', text)];
    assert.ok(ok.includes('it is renamed and made anew'));
    assert.ok(ok.includes('its parts are numbered and compressed while nobody follows'));
    assert.ok(told.includes('it is truncated and grows longer than before while nobody follows'));
    assert.equal(ok.length + told.length, CASES);
    assert.match(text, /^ {17}resumed: 5 lines are missing, and a gap says so \(truncated\)$/m);
    assert.match(
      text,
      new RegExp(`^${CASES} cases: ${ok.length} ok, ${told.length} told as a gap, nothing lost silently\\.\n$`, 'm'),
    );
    assert.equal(command.stderr(), '');
    assert.deepEqual(readdirSync(folder), []);
  });

  test('livefeed prove --poll breaks no promise without watches either', async (t) => {
    const command = proving(t, ['--poll', scratch(t)]);
    assert.equal(await command.ended, 0, command.stdout() + command.stderr());
    assert.match(command.stdout(), /polled all the same: asked for \(--poll\)/);
    assert.match(command.stdout(), /nothing lost silently/);
  });

  test('where the engine believes a file by its size, livefeed prove says what is lost, and fails', async (t) => {
    const folder = scratch(t);
    const command = proving(t, [folder], mutant('trust the size'));
    assert.equal(await command.ended, 1, command.stdout() + command.stderr());
    const failed = casesThat('FAILED', command.stdout());
    assert.ok(failed.includes('it is written anew with the same length'), command.stdout());
    assert.match(command.stdout(), new RegExp(` ${failed.length} FAILED\\.\n$`));
    assert.deepEqual(readdirSync(folder), []);
  });

  test('a signal ends livefeed prove, also one that npm passes on a second time, and nothing is left behind', async (t) => {
    const folder = scratch(t);
    const command = proving(t, [folder]);
    await eventually('it is at work', () => command.stdout().includes('times of change'), 20_000);
    command.process.kill('SIGINT');
    command.process.kill('SIGINT');
    assert.equal(await command.ended, 2, command.stdout() + command.stderr());
    assert.equal(command.stderr(), `livefeed: interrupted: ${folder} is as it was, and not tried to the end\n`);
    assert.deepEqual(readdirSync(folder), []);
  });

  test('livefeed prove says in one sentence why a folder cannot be tried', async (t) => {
    const folder = scratch(t);
    const [file, none] = [join(folder, 'file'), join(folder, 'none')];
    writeFileSync(file, '');
    const usage = 'prove needs one folder: livefeed prove DIR [--poll]';
    const isNone = 'is not a folder: give the folder that your logs are in, or one on the same file system';
    const wrong: [string[], string][] = [
      [[none, folder], usage],
      [[none], `${none} is not there`],
      [[file], `${file} ${isNone}`],
    ];
    for (const [args, words] of wrong) {
      const command = proving(t, args);
      assert.equal(await command.ended, 2);
      assert.equal(command.stderr(), `livefeed: ${words}\n`);
    }
  });

  test('where the disk is full, livefeed prove says so and leaves nothing behind', async (t) => {
    const folder = scratch(t);
    const command = proving(t, [folder], new URL('full-disk.mjs', import.meta.url).href);
    assert.equal(await command.ended, 2, command.stdout() + command.stderr());
    assert.equal(command.stderr(), `livefeed: ${folder} cannot be tried: no space is left on its file system\n`);
    assert.deepEqual(readdirSync(folder), []);
  });
});

function mutant(name: string): string {
  const found = MUTANTS.find((each) => each.name === name);
  assert.ok(found, name);
  return mutantImport(found);
}
