import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createParser } from 'eventsource-parser';
import { type Scope, startChild } from './child.ts';
import { Seen } from './seen.ts';

const HAS_CURL = spawnSync('curl', ['--version'], { stdio: 'ignore' }).status === 0;

/** The command that writes what `url` answers to its standard output, as it comes: curl, or where there is none, a stand-in. */
export function curlCommand(url: string, accept = '*/*'): string[] {
  if (HAS_CURL) return ['curl', '-sN', '-H', `Accept: ${accept}`, url];
  return [process.execPath, join(import.meta.dirname, 'plain-client.mjs'), url, accept];
}

/** Reads a feed as text with `curl -N`; the text grows as it comes. */
export function readTextWithCurl(scope: Scope, url: string): { text: string } {
  const seen = { text: '' };
  start(scope, curlCommand(url), (text) => {
    seen.text += text;
  });
  return seen;
}

/** Reads a feed as Server-Sent Events with `curl -N`: what comes over the wire, taken apart by a parser that is not ours. */
export function readEventsWithCurl(scope: Scope, url: string): Seen {
  const seen = new Seen('curl');
  const parser = createParser({
    onEvent: ({ event, data, id }) => (event === undefined ? seen.message(data, id) : seen.control(event, data, id)),
  });
  start(scope, curlCommand(url, 'text/event-stream'), (text) => parser.feed(text));
  return seen;
}

function start(scope: Scope, command: readonly string[], onText: (text: string) => void): void {
  const child = startChild(scope, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout?.setEncoding('utf8').on('data', onText);
}
