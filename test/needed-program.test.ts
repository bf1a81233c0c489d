import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from './e2e/scratch.ts';
import { needs } from './needed-program.ts';

/** Until the test ends, as on a machine whose users have only the programs of one folder. */
function onMachine(t: TestContext, { programs, requireAll }: { programs: readonly string[]; requireAll: string }): void {
  const { PATH, REQUIRE_ALL } = process.env;
  const folder = scratchFolder();
  for (const program of programs) {
    writeFileSync(join(folder, program), '#!/bin/sh\n');
    chmodSync(join(folder, program), 0o755);
  }
  Object.assign(process.env, { PATH: folder, REQUIRE_ALL: requireAll });
  t.after(() => {
    for (const [name, value] of Object.entries({ PATH, REQUIRE_ALL })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

test('a program that is there is tested, whatever is required', (t) => {
  for (const requireAll of ['', '1']) {
    onMachine(t, { programs: ['curl'], requireAll });
    assert.equal(needs('curl'), false);
  }
});

test('a missing program leaves its tests out, and says which package has it', (t) => {
  onMachine(t, { programs: [], requireAll: '' });
  assert.equal(needs('curl'), 'NOT TESTED: curl is not there (apt-get install curl)');
});

test('a missing program is an error where all tests are required', (t) => {
  onMachine(t, { programs: [], requireAll: '1' });
  assert.throws(() => needs('curl'), /curl is not there.*REQUIRE_ALL asks for all/);
});
