import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Command, ROOT, watch } from './command.ts';

/** A process whose service takes `closing` to close, once it has installed the handlers. */
async function service(t: TestContext, closing: string, before: readonly string[] = []): Promise<Command> {
  const stop = JSON.stringify(join(ROOT, 'server', 'stop.ts'));
  const script = `import { stopAtSignal } from ${stop}; stopAtSignal({ close: () => ${closing} }, 5_000); setInterval(() => {}, 1000); console.log('ready');`;
  const [program = '', ...args] = [...before, process.execPath];
  const child: ChildProcess = spawn(program, [
    ...args,
    '--import',
    import.meta.resolve('tsx'),
    '--input-type=module',
    '-e',
    script,
  ]);
  const command = watch(t, child);
  if (child.stdout !== null) await once(child.stdout, 'data');
  return command;
}

const NEVER = 'new Promise(() => {})';

for (const [first, second, status] of [
  ['SIGINT', 'SIGINT', 130],
  ['SIGTERM', 'SIGTERM', 143],
  ['SIGTERM', 'SIGINT', 130],
] as const)
  test(`a ${second} after a ${first} ends it at once`, { timeout: 30_000 }, async (t) => {
    const command = await service(t, NEVER);
    command.process.kill(first);
    await delay(700);
    assert.equal(command.process.exitCode, null, 'the first waits for the streams to end');
    command.process.kill(second);
    assert.equal(await command.ended, status);
  });

test('SIGTERM twice within a moment, as a group of processes gets it, is one polite stop', { timeout: 30_000 }, async (t) => {
  const command = await service(t, 'new Promise((resolve) => setTimeout(resolve, 300))');
  command.process.kill('SIGTERM');
  command.process.kill('SIGTERM');
  assert.equal(await command.ended, 0);
});

test('SIGHUP, which a terminal sends that is closed, is a polite stop too, also under nohup', { timeout: 30_000 }, async (t) => {
  const command = await service(t, "Promise.resolve(console.log('closed'))", ['nohup']);
  command.process.kill('SIGHUP');
  await command.ended;
  assert.equal(command.process.signalCode, 'SIGHUP', 'it ends by it, since Node cannot exit without its terminal');
  assert.match(command.stdout(), /closed/);
});

test('readers that do not let go are cut off within the time that there is', { timeout: 30_000 }, async (t) => {
  const command = await service(t, NEVER);
  const before = performance.now();
  command.process.kill('SIGTERM');
  assert.equal(await command.ended, 0);
  assert.ok(performance.now() - before < 5_000);
  assert.match(command.stderr(), /^livefeed: not all had ended in time: the rest was cut off\n$/);
});

test('a stop that fails is said, with exit status 1', { timeout: 30_000 }, async (t) => {
  const command = await service(t, "Promise.reject(new Error('the disk is gone'))");
  command.process.kill('SIGTERM');
  assert.equal(await command.ended, 1);
  assert.match(command.stderr(), /stopping failed: the disk is gone/);
});
