#!/usr/bin/env node
/** The command: parse, load the configuration, start, say so, stop politely at a signal. */
import { readFileSync } from 'node:fs';
import { startLivefeed } from './app.ts';
import { banner } from './banner.ts';
import { requestIn } from './config/command-line.ts';
import { type Config, loadConfig } from './config/config.ts';
import { helpText } from './config/help.ts';
import { UsageError } from './config/usage-error.ts';
import { DataFolderError } from './feed/journal/lock.ts';
import { abortAtSignal, exitAtSignal, stopAtSignal } from './stop.ts';

const FAILED = 1;
const USED_WRONGLY = 2;
/** What runs in place of the service where it is the first word; each resolves to the exit status. Loaded then: the service starts without. */
const COMMANDS: ReadonlyMap<string, (args: readonly string[]) => Promise<number>> = new Map([
  ['prove', async (args: readonly string[]) => (await import('./prove/command.ts')).proveCommand(args, print, abortAtSignal())],
  ['verify', async (args: readonly string[]) => (await import('./verify/command.ts')).verifyCommand(args, print)],
]);

// A reader of our output that has gone (`livefeed | head`) is no reason to end the feeds.
for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe);

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`livefeed: ${error.message}\n`);
  process.exitCode = USED_WRONGLY;
}

async function main(argv: readonly string[]): Promise<void> {
  const request = requestIn(argv);
  if (request === 'help') return print(helpText());
  if (request === 'version') return print(`livefeed ${version()}\n`);
  const command = COMMANDS.get(argv[0] ?? '');
  if (command !== undefined) {
    process.exitCode = await command(argv.slice(1));
    return;
  }
  const config = loadConfig(argv, process.env, process.cwd());
  const hasStarted = exitAtSignal();
  const livefeed = await start(config);
  if (livefeed === undefined) return;
  stopAtSignal(livefeed, config.drainMs);
  hasStarted();
  print(banner(livefeed, { env: process.env, terminal: process.stdout.isTTY === true }));
}

async function start(config: Config) {
  try {
    return await startLivefeed(config, { stdin: process.stdin });
  } catch (error) {
    const words = error instanceof DataFolderError ? error.message : listenTrouble(error, config);
    if (words === undefined) throw error;
    process.stderr.write(`livefeed: ${words}\n`);
    process.exit(FAILED);
  }
}

/** Why the address could not be had, and what to try; undefined for other errors. */
function listenTrouble(error: unknown, { host, port }: Config): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `port ${port} of ${host} is taken: try another --port, or --port 0 for any free one`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is not an address of this machine: give another --host`;
  if (code === 'EACCES') return `port ${port} needs rights that this user does not have: try --port 4000`;
  return undefined;
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

function print(text: string): void {
  process.stdout.write(text);
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
