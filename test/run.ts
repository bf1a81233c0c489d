/**
 * Runs every test file, or those whose path holds one of the words given: `npm test` and `node --import tsx test/run.ts cursor`.
 * Files are listed here because `node --test DIR` on Node 20 runs nothing and exits 0. Files named `*.alone.test.ts` measure time
 * or fill the machine, so they run one after another when the others are done.
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { buildJavaScript } from '../build/javascript.ts';
import { grouped } from './groups.ts';

const words = process.argv.slice(2);
const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && (words.length === 0 || words.some((word) => file.includes(word))))
  .map((file) => join(import.meta.dirname, file))
  .sort();
const alone = files.filter((file) => file.endsWith('.alone.test.ts'));
const together = files.filter((file) => !file.endsWith('.alone.test.ts'));

let passed = 0;
let failed = 0;
const skipped: string[] = [];

// Services are started by the hundred: built, each takes half the processor time to start that it takes from its sources.
await buildJavaScript('dist-for-tests');
process.env.LIVEFEED_TEST_MAIN = 'dist-for-tests/main.js';
const groups = words.length === 0 ? grouped(import.meta.dirname, together) : undefined;
// Many wait for a moment to come, so that two more keep the processors busy.
await runFiles(groups?.paths ?? together, availableParallelism() + 2);
groups?.remove();
await runFiles(alone, 1);
if (passed === 0 && failed === 0) {
  console.error(`No test ran: no path in test/ holds ${words.join(' or ')}`);
  failed = 1;
}
for (const words of skipped) console.log(`SKIPPED ${words}`);
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

async function runFiles(paths: string[], concurrency: number): Promise<void> {
  if (paths.length === 0) return;
  const stream = run({ files: paths, concurrency, timeout: 240_000 });
  stream.on('test:pass', ({ name, skip, details }) => {
    if (details.type === 'suite') return;
    if (skip === undefined) passed += 1;
    else skipped.push(`${name}: ${skip === true ? 'left out' : skip}`);
  });
  stream.on('test:fail', ({ details }) => {
    if (details.type !== 'suite') failed += 1;
  });
  const report = stream.pipe(new spec());
  report.pipe(process.stdout, { end: false });
  await new Promise((resolve, reject) => report.on('end', resolve).on('error', reject));
}
