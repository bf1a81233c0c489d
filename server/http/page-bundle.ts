import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** One file of the page, as it is served. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const FONTS = {
  'inter.woff2': '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  'jetbrains-mono.woff2': '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
};

let made: Promise<ReadonlyMap<string, Asset>> | undefined;

/** The files of the page by their names, `index.html` among them. Made once a process: they do not change while it runs. */
export function pageAssets(): Promise<ReadonlyMap<string, Asset>> {
  made ??= makeAssets();
  return made;
}

async function makeAssets(): Promise<ReadonlyMap<string, Asset>> {
  const root = packageRoot(import.meta.dirname);
  const source = join(root, 'public');
  const [html, manifest, bundle, fonts] = await Promise.all([
    readFile(join(source, 'index.html'), 'utf8'),
    readFile(join(root, 'package.json'), 'utf8'),
    existsSync(join(source, 'src')) ? bundleSources(source) : readPrebuilt(join(root, 'dist', 'public')),
    readFonts(),
  ]);
  const body = Buffer.from(html.replace('content="VERSION"', `content="${versionOf(manifest, bundle)}"`));
  return new Map<string, Asset>([['index.html', { type: 'text/html; charset=utf-8', body }], ...bundle, ...fonts]);
}

/** Which page this is, so that one that was opened before the service was replaced can tell. */
function versionOf(manifest: string, bundle: readonly [string, Asset][]): string {
  const { version }: { version: string } = JSON.parse(manifest);
  const hash = createHash('sha256');
  for (const [, { body }] of bundle) hash.update(body);
  return `${version} ${hash.digest('hex').slice(0, 12)}`;
}

function packageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageRoot(dirname(folder));
}

/** What the page is made of: its script, those of its worker and of the one that all tabs share, and its style. */
const MADE = ['main.js', 'worker.js', 'tabs.js', 'style.css'] as const;

/** The packed package has no sources and needs no bundler: its prepack leaves these files. */
async function readPrebuilt(folder: string): Promise<[string, Asset][]> {
  return Promise.all(MADE.map(async (name) => [name, asset(name, await readFile(join(folder, name)))] as [string, Asset]));
}

/** Scripts and style of the page, minified in memory. */
export async function bundleSources(source: string): Promise<[string, Asset][]> {
  const esbuild = await import('esbuild');
  const { outputFiles } = await esbuild.build({
    entryPoints: {
      main: join(source, 'src', 'main.ts'),
      worker: join(source, 'src', 'reading', 'worker.ts'),
      tabs: join(source, 'src', 'tabs', 'worker.ts'),
      style: join(source, 'style.css'),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['*.woff2'],
    legalComments: 'none',
    outdir: 'assets',
    write: false,
    logLevel: 'silent',
  });
  await esbuild.stop();
  const find = (name: string) => Buffer.from(outputFiles.find(({ path }) => path.endsWith(name))?.contents ?? []);
  return MADE.map((name) => [name, asset(name, find(name))]);
}

function asset(name: string, body: Buffer): Asset {
  return { type: `text/${name.endsWith('.css') ? 'css' : 'javascript'}; charset=utf-8`, body };
}

async function readFonts(): Promise<[string, Asset][]> {
  const { resolve } = createRequire(import.meta.url);
  const read = async ([name, file]: [string, string]): Promise<[string, Asset]> => [
    name,
    { type: 'font/woff2', body: await readFile(resolve(file)) },
  ];
  return Promise.all(Object.entries(FONTS).map(read));
}
