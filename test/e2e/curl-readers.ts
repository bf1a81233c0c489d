import { createParser } from 'eventsource-parser';
import { type Scope, startChild } from './child.ts';
import { Seen } from './seen.ts';

/** Reads a feed as text with `curl -N`; the text grows as it comes. */
export function readTextWithCurl(scope: Scope, url: string): { text: string } {
  const seen = { text: '' };
  curl(scope, [url], (text) => {
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
  curl(scope, ['-H', 'Accept: text/event-stream', url], (text) => parser.feed(text));
  return seen;
}

function curl(scope: Scope, args: readonly string[], onText: (text: string) => void): void {
  const child = startChild(scope, ['curl', '-sN', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout?.setEncoding('utf8').on('data', onText);
}
