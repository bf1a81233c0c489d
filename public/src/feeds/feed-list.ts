import { changesUrl } from '../connection/address.ts';
import { openEventStream } from '../connection/event-stream.ts';
import { FeedConnection } from '../connection/feed-connection.ts';
import { type ControlData, type ControlType, parseBatch, parseJson } from '../connection/protocol.ts';
import { readDirectly } from '../connection/read-stream.ts';
import { connectTabs } from '../tabs/connect.ts';
import { SharedStreams } from '../tabs/shared-streams.ts';
import { type FeedEntry, parseEntry } from './feed-entry.ts';

const HISTORY_POINTS = 56;
const AGAIN_MS = 2_000;

/**
 * The feeds there are, kept up to date by the feed `livefeed/feeds` while the page can be seen: where tabs cannot share a connection, a
 * browser gives a host only six over HTTP/1.1, and those in the background need theirs for their lines.
 */
export class FeedList {
  readonly entries = new Map<string, FeedEntry>();
  readonly #history = new Map<string, number[]>();
  readonly #changed: () => void;
  readonly #shared: SharedStreams | undefined;
  #connection: FeedConnection | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #loading: AbortController | undefined;
  /** When the list, which could not be had, is asked for again. */
  againAtMs: number | undefined;
  /** False until the list has come once. */
  loaded = false;

  constructor(changed: () => void) {
    this.#changed = changed;
    const connect = () => connectTabs(() => this.#shared?.readAlone());
    const port = connect();
    const renew = () => {
      const another = connect();
      if (another !== undefined) this.#shared?.use(another);
    };
    this.#shared = port && new SharedStreams(port, { renew });
  }

  /** Follows the list while the document can be seen. */
  start(): void {
    document.addEventListener('visibilitychange', () => this.#followIfSeen());
    this.#followIfSeen();
    setInterval(() => this.#remember(), 1_000);
  }

  /** Bytes a second over the last minute, oldest first. */
  history(name: string): readonly number[] {
    return this.#history.get(name) ?? [];
  }

  /** After a loss: there is no use in waiting when another connection to the same service is back. */
  tryNow(): void {
    if (this.#again !== undefined) void this.#load();
    this.#connection?.tryNow();
  }

  #followIfSeen(): void {
    this.#leave();
    if (document.visibilityState === 'visible') void this.#load();
  }

  #leave(): void {
    clearTimeout(this.#again);
    this.#again = undefined;
    this.againAtMs = undefined;
    this.#loading?.abort();
    this.#loading = undefined;
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #load(): Promise<void> {
    this.#leave();
    const loading = new AbortController();
    this.#loading = loading;
    try {
      const response = await fetch('/feeds', { headers: { Accept: 'application/json' }, signal: loading.signal });
      if (!response.ok) throw new Error(`GET /feeds answered ${response.status}`);
      const list = (await response.json()) as { feeds?: unknown[]; cursor?: string };
      if (!loading.signal.aborted) this.#replace(list);
    } catch {
      if (!loading.signal.aborted) this.#loadAgain();
    }
  }

  #loadAgain(): void {
    this.#again = setTimeout(() => void this.#load(), AGAIN_MS);
    this.againAtMs = Date.now() + AGAIN_MS;
    this.#changed();
  }

  #replace({ feeds = [], cursor }: { feeds?: unknown[]; cursor?: string }): void {
    this.entries.clear();
    this.#put(feeds);
    this.loaded = true;
    this.#changed();
    this.#leave();
    this.#connection = new FeedConnection({
      url: changesUrl(),
      ...(cursor === undefined ? {} : { lastEventId: cursor }),
      listener: {
        control: (type, data) => this.#control(type, data),
        state: () => undefined,
      },
      open: openEventStream(this.#shared?.read ?? readDirectly, (data) => this.#changes(data)),
    });
    this.#connection.open();
  }

  #put(entries: readonly unknown[]): void {
    for (const value of entries) {
      const entry = parseEntry(value);
      if (entry !== undefined) this.entries.set(entry.name, entry);
    }
  }

  #changes(data: string): void {
    for (const envelope of parseBatch(data)) {
      const change = parseJson(envelope.data) as { changed?: unknown[]; removed?: unknown[] } | undefined;
      this.#put(change?.changed ?? []);
      for (const name of change?.removed ?? []) this.entries.delete(String(name));
    }
    this.#changed();
  }

  /** What cannot be resumed (the list lives in the service's memory) is asked for anew. */
  #control(type: ControlType, { start }: ControlData): void {
    if (type === 'feed.gap' || (type === 'feed.open' && start === 'gap')) void this.#load();
  }

  #remember(): void {
    if (this.#connection?.state.is !== 'live') return;
    for (const name of this.#history.keys()) if (!this.entries.has(name)) this.#history.delete(name);
    for (const { name, bytesPerSecond } of this.entries.values()) {
      const points = this.#history.get(name) ?? [];
      points.push(bytesPerSecond ?? 0);
      if (points.length > HISTORY_POINTS) points.shift();
      this.#history.set(name, points);
    }
    if (document.visibilityState === 'visible') this.#changed();
  }
}
