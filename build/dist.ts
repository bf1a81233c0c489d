/**
 * Makes what is packed: server/ as JavaScript for the `livefeed` command and the library, the page, whose sources are not packed, and
 * the types.
 */
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildJavaScript } from './javascript.ts';

const root = join(import.meta.dirname, '..');

rmSync(join(root, 'dist'), { recursive: true, force: true });
await buildJavaScript('dist');

// What the library exports names no types of ours, so one file has all that a user of it needs.
const types = join(root, 'dist', 'types');
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'build/types.json')], {
  stdio: 'inherit',
});
renameSync(join(types, 'livefeed.d.ts'), join(root, 'dist/livefeed.d.ts'));
rmSync(types, { recursive: true });
