import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** A browser that can be started: where it is, and what its process needs besides our environment. */
export interface Chromium {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

const INSTALLED_NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser'];
const INSTALLED_APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
/** The machine's fonts and the package's own: with neither, text has no size. The package's configuration names folders of Lambda. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;
const CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache');

/** The browser of this machine, else the one that an npm package carries, unpacked at the first call. */
export async function findChromium(): Promise<Chromium> {
  const installed = findInstalled();
  return installed === undefined ? unpackedChromium() : { path: installed, env: {} };
}

function findInstalled(): string | undefined {
  const named = process.env.CHROME_PATH;
  if (named !== undefined && named !== '') return named;
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => INSTALLED_NAMES.map((name) => join(folder, name)));
  return [...onPath, ...INSTALLED_APPLICATIONS].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function unpackedChromium(): Promise<Chromium> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`no Chrome found on ${process.platform}/${process.arch}: install Chrome, or name one in CHROME_PATH`);
  }
  const folder = join(CACHE, `chromium-${packageVersion()}`);
  if (!existsSync(folder)) await unpackInto(folder);
  const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH ?? ''].filter((path) => path !== '').join(':');
  return { path: join(folder, 'chromium'), env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(folder, 'fonts.conf') } };
}

function packageVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const manifest: { version: string } = JSON.parse(readFileSync(join(entry, '..', '..', '..', 'package.json'), 'utf8'));
  return manifest.version;
}

/**
 * Unpacks beside the folder and renames it into place, so that two test files at once never run a binary that the other still
 * writes (ETXTBSY): the rename of the slower one fails, and it takes the folder of the faster one.
 */
async function unpackInto(folder: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const staging = await mkdtemp(`${folder}.`);
  try {
    await runUnpacker(staging);
    await writeFile(join(staging, 'fonts.conf'), FONTS);
    await rename(staging, folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (!existsSync(folder)) throw new Error(`cannot unpack Chromium into ${folder}`, { cause: error });
  }
}

/** The package unpacks into the temporary folder, and adds the NSS libraries only where it takes the machine for a Lambda. */
async function runUnpacker(staging: string): Promise<void> {
  const program = `import chromium from '@sparticuz/chromium'; await chromium.executablePath();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: staging, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`unpacking Chromium ended with ${code}`);
}
