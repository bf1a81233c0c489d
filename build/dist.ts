/**
 * Turns server/ into JavaScript for the `livefeed` command of the packed package: file by file, so that a file lies as deep below the
 * package in dist/ as in server/, and finds package.json by the same relative path. Dependencies stay dependencies. The page's script
 * and style are bundled beside, since its sources are not packed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { bundleSources } from '../server/http/page-bundle.ts';

const root = join(import.meta.dirname, '..');
const files = readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** Our imports end in `.ts`; what they name in dist/ ends in `.js`. */
const importsOfJavaScript: Plugin = {
  name: 'imports-of-javascript',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ kind, path }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/\.ts$/, '.js'), external: true },
    );
  },
};

rmSync(join(root, 'dist'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: files.map((file) => `server/${file}`),
  outdir: 'dist',
  outbase: 'server',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  plugins: [importsOfJavaScript],
});

const page = join(root, 'dist', 'public');
mkdirSync(page);
for (const [name, { body }] of await bundleSources(join(root, 'public'))) writeFileSync(join(page, name), body);

// What the library exports names no types of ours, so one file has all that a user of it needs.
const types = join(root, 'dist', 'types');
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'build/types.json')], {
  stdio: 'inherit',
});
renameSync(join(types, 'livefeed.d.ts'), join(root, 'dist/livefeed.d.ts'));
rmSync(types, { recursive: true });
