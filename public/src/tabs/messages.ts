import type { StreamEnd } from '../connection/read-stream.ts';
import type { StreamEvent } from '../connection/sse-events.ts';

/** What a tab asks of the worker that all tabs share. Streams are numbered by the tab. */
export type TabRequest =
  | { readonly do: 'open'; readonly stream: number; readonly url: string }
  | { readonly do: 'close'; readonly stream: number }
  /** Events of so many characters have been taken. */
  | { readonly do: 'taken'; readonly stream: number; readonly characters: number }
  /** The tab holds this lock as long as it lives. */
  | { readonly do: 'lock'; readonly name: string }
  /** The tab lives: told now and then where there are no locks. */
  | { readonly do: 'live' };

/** What the worker answers. */
export type TabAnswer =
  /** The worker holds this lock as long as it lives. */
  | { readonly is: 'lock'; readonly name: string }
  /** It has heard: it is there. */
  | { readonly is: 'opening'; readonly stream: number }
  | { readonly is: 'events'; readonly stream: number; readonly events: readonly StreamEvent[]; readonly characters: number }
  | { readonly is: 'ended'; readonly stream: number; readonly end: StreamEnd }
  /** The shared connection cannot give this stream: the tab is to read it by one of its own. */
  | { readonly is: 'alone'; readonly stream: number }
  /** The service answers again. */
  | { readonly is: 'back' };

/** How often a tab without locks says that it lives; a browser lets one in the background do so once a minute. */
export const LIVE_EVERY_MS = 15_000;
