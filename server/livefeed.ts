/** The package as a library: a service within somebody's own app. What is exported here names only types of Node. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { startService } from './app.ts';
import { configOfObject } from './config/config.ts';
import { AppendError, type NewEvent } from './feed/appending.ts';
import { type FeedName, parseFeedName } from './feed/name.ts';
import type { Publisher } from './source/publish.ts';
import { newEvent } from './source/publish-event.ts';
import { refusalOf } from './source/publish-refusals.ts';

/** The options of docs/options.md that say something within another app, by the names they have in a config file. */
export interface LivefeedOptions {
  /** The folder for published feeds; relative to the working directory. Default `./livefeed-data`. */
  readonly data?: string;
  /** When what is published is written through to the disk. Default `always`: before it is acknowledged. */
  readonly fsync?: 'always' | 'interval' | 'never';
  /** At most so many published feeds. Default 10,000. */
  readonly maxFeeds?: number;
  /** What is kept of a published feed: bytes, or a size like `64M`; default `64M`. */
  readonly retainBytes?: number | string;
  /** A duration like `12h`; default `7d`. */
  readonly retainAge?: string;
  /** Files, folders and globs to follow: `name=PATH` or `PATH`. */
  readonly paths?: readonly string[];
  /** Host names, besides those of this machine, that requests may be addressed to. Others are refused (DNS rebinding). */
  readonly allowHost?: readonly string[];
  /** Origins whose web pages may read the feeds and publish. */
  readonly cors?: readonly string[];
  /** Whether streams are compressed for clients that accept it. Default true. */
  readonly compress?: boolean;
  /** What the feed `livefeed/log` tells. Default `info`. */
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}

export interface PublishOptions {
  /** The SSE event type. */
  readonly type?: string;
  /** The same key within 24 hours is the same event again: it is published once. */
  readonly key?: string;
  /** Only if this is still the id of the feed's last event. */
  readonly after?: string;
}

/** An event that is kept. */
export interface PublishedEvent {
  /** Its SSE id: a reader that sends it as Last-Event-ID gets what comes after. */
  readonly id: string;
  readonly time: Date;
  /** Its key had been used for the same event before: nothing was published now. */
  readonly isRepeat: boolean;
}

export interface PublishedFeed {
  readonly name: string;
  /**
   * Publishes text as it is, and any other value as JSON. Resolves once the event is kept. Rejects with an error that has a stable
   * `code` (docs/protocol.md, "Errors"): `not-head`, `key-reused`, `event-too-large`, `disk-full`, `not-publishable`...
   */
  publish(data: unknown, options?: PublishOptions): Promise<PublishedEvent>;
  /** Removes the feed with all that it holds; its readers are told. False where there was none. */
  remove(): Promise<boolean>;
}

export interface LivefeedService {
  /** The routes, for `app.use('/live', livefeed.handler)` of Express or Connect, or as the handler of an http.Server. */
  readonly handler: (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void;
  /** A feed to publish to; the first event makes it. Throws a TypeError for what is no feed name. */
  feed(name: string): PublishedFeed;
  /** Lets every reader go politely and closes what is kept. Close your server as well. */
  close(): Promise<void>;
}

/** Starts a service within this process. Rejects where an option is wrong or another process has the data folder. */
export async function createLivefeed(options: LivefeedOptions = {}): Promise<LivefeedService> {
  const service = await startService(configOfObject(options, process.cwd()), { stdin: Readable.from([]), page: undefined });
  const { app, publisher } = service;
  return {
    handler: app as unknown as LivefeedService['handler'],
    feed: (name) => publishedFeed(publisher, name),
    close: async () => {
      service.release();
      await service.close();
    },
  };
}

function publishedFeed(publisher: Publisher, text: string): PublishedFeed {
  const name = parseFeedName(text);
  if (name === undefined)
    throw new TypeError(`${JSON.stringify(text)} is not a feed name: use segments of A-Z a-z 0-9 . _ - joined by /`);
  return {
    name,
    publish: (data, options = {}) => publish(publisher, name, data, options),
    remove: () => publisher.remove(name),
  };
}

async function publish(publisher: Publisher, name: FeedName, data: unknown, options: PublishOptions): Promise<PublishedEvent> {
  const { after } = options;
  const [outcome] = await publisher.append(name, [eventOf(data, options)], after === undefined ? {} : { ifMatch: [after] });
  if (outcome === undefined || outcome instanceof AppendError) throw outcome && refusalOf(outcome, name);
  return { id: outcome.cursor, time: new Date(outcome.timeMs), isRepeat: outcome.isRepeat };
}

function eventOf(data: unknown, { type, key }: PublishOptions): NewEvent {
  const text = typeof data === 'string' ? data.toWellFormed() : JSON.stringify(data);
  if (text === undefined)
    throw new TypeError(`${typeof data} is nothing that can be published: give a text or what JSON can hold`);
  return newEvent(Buffer.from(text), { type, key, isJson: false });
}
