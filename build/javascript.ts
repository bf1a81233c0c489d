import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { bundleSources } from '../server/http/page-bundle.ts';

const ROOT = join(import.meta.dirname, '..');

/** Our imports end in `.ts`; what they name is built to end in `.js`. */
const importsOfJavaScript: Plugin = {
  name: 'imports-of-javascript',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ kind, path }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/\.ts$/, '.js'), external: true },
    );
  },
};

/**
 * Turns server/ into JavaScript: file by file, so that a file lies as deep below the package in `folder` (`dist`) as in server/, and finds
 * package.json by the same relative path. Dependencies stay dependencies. The page's script and style are bundled beside.
 */
export async function buildJavaScript(folder: string): Promise<void> {
  const files = readdirSync(join(ROOT, 'server'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  await build({
    absWorkingDir: ROOT,
    entryPoints: files.map((file) => `server/${file}`),
    outdir: folder,
    outbase: 'server',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    plugins: [importsOfJavaScript],
  });
  const page = join(ROOT, folder, 'public');
  mkdirSync(page, { recursive: true });
  for (const [name, { body }] of await bundleSources(join(ROOT, 'public'))) writeFileSync(join(page, name), body);
}
