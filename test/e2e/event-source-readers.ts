import { EventSource } from 'eventsource';
import { createEventSource } from 'eventsource-client';
import { EventSource as LaunchDarklyEventSource } from 'launchdarkly-eventsource';
import { EventSource as UndiciEventSource } from 'undici';
import type { Scope } from './child.ts';
import { CONTROL_TYPES, Seen } from './seen.ts';

/** What the EventSource clients of Node have in common with a browser's. */
interface Emitter {
  addEventListener(type: string, listener: (event: { readonly data: string; readonly lastEventId: string }) => void): void;
  close(): void;
}

/** Reads with eventsource 4, which does what the HTML standard says. */
export function readWithEventSource(scope: Scope, url: string): Seen {
  return listenTo(scope, 'eventsource 4', new EventSource(url));
}

/** Reads with eventsource-client, which hands over every event, whatever its type. */
export function readWithEventSourceClient(scope: Scope, url: string): Seen {
  const seen = new Seen('eventsource-client');
  const client = createEventSource({
    url,
    onMessage: ({ event, data, id }) => (event === undefined ? seen.message(data, id) : seen.control(event, data, id)),
  });
  scope.after(async () => client.close());
  return seen;
}

/** Reads with LaunchDarkly's client, which is not made of fetch but of node:http. */
export function readWithLaunchDarkly(scope: Scope, url: string): Seen {
  return listenTo(scope, 'launchdarkly-eventsource', new LaunchDarklyEventSource(url));
}

/** Reads with the EventSource that Node's own fetch library carries. */
export function readWithUndici(scope: Scope, url: string): Seen {
  return listenTo(scope, 'undici', new UndiciEventSource(url));
}

/** Everyone who reads as EventSource does, and comes back by itself. */
export const EVENT_SOURCES = [readWithEventSource, readWithEventSourceClient, readWithLaunchDarkly, readWithUndici] as const;

function listenTo(scope: Scope, who: string, source: Emitter): Seen {
  const seen = new Seen(who);
  source.addEventListener('message', ({ data, lastEventId }) => seen.message(data, lastEventId));
  for (const type of CONTROL_TYPES) {
    source.addEventListener(type, ({ data, lastEventId }) => seen.control(type, data, lastEventId));
  }
  // A client without a listener for errors throws them; that it comes back is what the tests see.
  source.addEventListener('error', () => {});
  scope.after(async () => source.close());
  return seen;
}
