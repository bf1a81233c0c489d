import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { PartialLine } from '../../server/feed/batch.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { type CommandOptions, startCommand } from '../../server/source/command.ts';
import { isAlive } from '../alive.ts';
import { watch } from '../command.ts';
import { scratchFolder } from '../e2e/scratch.ts';
import { eventually } from './eventually.ts';
import { shown } from './reading.ts';

function start(context: TestContext, command: string, more: Partial<CommandOptions> = {}) {
  const log = new MemoryLog();
  const controller = new AbortController();
  const exits: string[] = [];
  const running = startCommand({
    name: 'job',
    command,
    log,
    signal: controller.signal,
    onExit: (words) => exits.push(words),
    ...more,
  });
  context.after(async () => {
    controller.abort();
    await running.ended;
  });
  return { log, exits, running, stop: () => controller.abort() };
}

/** Shell that goes on once there is such a file. */
const waitFor = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.05; done`;
const exit = (words: string): RegExp => new RegExp(`^exit: ${words} after [0-9.]+ s; `);

describe('a command is a feed', { concurrency: true }, () => {
  test('its lines are events and its exit is an event of type exit, which says that it is not started again', async (context) => {
    const { log, exits, running } = start(context, 'echo one; echo; printf "two\\r\\nthree"; exit 3');
    await running.ended;
    const events = await shown(log);
    assert.deepEqual(events.slice(0, -1), ['one', '', 'two', 'three']);
    assert.match(events.at(-1) ?? '', exit('exited with code 3'));
    assert.deepEqual(exits, [events.at(-1)?.replace('exit: ', 'job ')]);
    assert.match(exits[0] ?? '', /not started again/);
  });

  test('what it writes to standard error stands where it was written, as in a terminal', async (context) => {
    const { log, running } = start(context, 'for n in 1 2 3 4 5; do echo out $n; echo err $n >&2; done');
    await running.ended;
    const expected = [1, 2, 3, 4, 5].flatMap((n) => [`out ${n}`, `err ${n}`]);
    assert.deepEqual((await shown(log)).slice(0, -1), expected);
  });

  test("its text is the shell's, with quotes, variables, line breaks and comments as they are", async (context) => {
    const { log, running } = start(context, `a="x  y"\necho "$a" '$a' # "comment'\necho \\"`);
    await running.ended;
    assert.deepEqual((await shown(log)).slice(0, -1), ['x  y $a', '"']);
  });

  test('all of a large output comes before its exit', async (context) => {
    const { log, running } = start(context, 'seq 1 9000');
    await running.ended;
    const events = await shown(log);
    assert.deepEqual(
      events.slice(0, -1),
      Array.from({ length: 9000 }, (_, index) => `${index + 1}`),
    );
  });

  test('a command that is not there, or that a signal ends, says so', async (context) => {
    const missing = start(context, 'no-such-command-here');
    await missing.running.ended;
    assert.match((await shown(missing.log)).join('\n'), /not found\nexit: exited with code 127/);
    const killed = start(context, 'kill -9 $$');
    await killed.running.ended;
    assert.match((await shown(killed.log)).join('\n'), exit('was ended by SIGKILL'));
  });

  test('a command that cannot be started at all is an exit, not a crash', async (context) => {
    for (const command of ['x\0y', `: ${'x'.repeat(200_000)}`]) {
      const { log, exits, running } = start(context, command);
      await running.ended;
      assert.match((await shown(log)).join('\n'), /^exit: could not be started: /);
      assert.equal(exits.length, 1);
    }
  });

  test('all that it has started ends with it, and the service does not call that an exit', async (context) => {
    const { log, exits, running, stop } = start(context, 'sleep 600 & echo $!; sleep 600 & echo $!; wait');
    await eventually('two processes run', () => log.stats.eventsAppended === 2);
    const pids = (await shown(log)).map(Number);
    assert.ok(pids.every(isAlive));
    stop();
    await running.ended;
    await eventually('they are gone', () => !pids.some(isAlive));
    assert.match((await shown(log)).at(-1) ?? '', /^exit: was ended by SIGTERM after [0-9.]+ s; the service stops$/);
    assert.deepEqual(exits, []);
  });

  test('one that does not heed SIGTERM is killed', async (context) => {
    const { log, running, stop } = start(context, "trap '' TERM; echo $$; while :; do sleep 1; done");
    await eventually('it runs', () => log.stats.eventsAppended === 1);
    stop();
    await running.ended;
    assert.equal(isAlive(Number((await shown(log))[0])), false);
  });

  test('where the service ends at once, at a second signal, it is ended as well', async (context) => {
    const [command, memory] = ['source/command.ts', 'feed/memory-log.ts'].map((file) =>
      JSON.stringify(import.meta.resolve(`../../server/${file}`)),
    );
    const script = `
      import { startCommand } from ${command};
      import { MemoryLog } from ${memory};
      const command = 'trap "" TERM; sleep 600 & echo $!; wait';
      const log = new MemoryLog();
      await log.follow({ partial: () => {}, batch: ({ bytes, starts, ends }) => {
        console.log(bytes.toString('utf8', starts[0], ends[0]));
        process.exit(143);
      } });
      startCommand({ name: 'job', command, log, signal: new AbortController().signal });`;
    const node = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script];
    const service = watch(context, spawn(process.execPath, node));
    assert.equal(await service.ended, 143, service.stderr());
    const left = Number(service.stdout());
    assert.ok(left > 0);
    context.after(() => isAlive(left) && process.kill(left, 'SIGKILL'));
    await eventually('it is gone', () => !isAlive(left));
  });

  test('what it leaves in the background still writes after its exit, and ends with the service', async (context) => {
    const sign = join(scratchFolder(), 'sign');
    const { log, running, stop } = start(context, `(${waitFor(sign)}; echo late; exec sleep 600) & echo $!`);
    await eventually('its exit came', () => log.stats.eventsAppended === 2);
    const events = await shown(log);
    assert.match(events[1] ?? '', exit('exited with code 0'));
    writeFileSync(sign, '');
    await eventually('the late line came', () => log.stats.eventsAppended === 3);
    assert.equal((await shown(log))[2], 'late');
    stop();
    await running.ended;
    await eventually('it is gone', () => !isAlive(Number(events[0])));
  });

  test('an unfinished line is shown after a while and is gone once it is finished', async (context) => {
    const sign = join(scratchFolder(), 'sign');
    const asking = `printf "name? "; ${waitFor(sign)}; printf "x\\n"; sleep 0.1`;
    const { log, running } = start(context, asking, { partialTimeoutMs: 50 });
    const partials: (PartialLine | null)[] = [];
    await log.follow({ batch: () => {}, partial: (partial) => partials.push(partial) });
    await eventually('it is shown', () => partials.length === 1);
    writeFileSync(sign, '');
    await running.ended;
    await eventually('it is gone', () => partials.length === 2);
    assert.deepEqual(partials, [{ text: 'name? ' }, null]);
    assert.equal((await shown(log))[0], 'name? x');
  });

  test('bytes that are no text and a line without an end are bounded', async (context) => {
    const { log, running, stop } = start(context, 'cat /dev/zero');
    await eventually('pieces come', () => (log.stats.eventsAppended ?? 0) > 20);
    assert.ok(log.stats.bytes <= 5 * 1024 * 1024);
    stop();
    await running.ended;
  });

  test('an aborted service starts none', async () => {
    const log = new MemoryLog();
    const running = startCommand({ name: 'job', command: 'echo x', log, signal: AbortSignal.abort() });
    await running.ended;
    assert.deepEqual([running.pid, log.stats.eventsAppended], [undefined, 0]);
  });
});
