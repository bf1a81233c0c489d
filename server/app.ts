/** The composition root: the only file that knows every folder. */
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Readable } from 'node:stream';
import type { Express, Router } from 'express';
import type { LevelWithSilent, Logger } from 'pino';
import type { Config } from './config/config.ts';
import { Delivery } from './delivery/delivery.ts';
import { Gzip } from './delivery/gzip/gzip.ts';
import { FeedListing } from './feed/feed-listing.ts';
import { ArchiveCache } from './feed/file/archive-cache.ts';
import { FilterViews } from './feed/filter/filter-views.ts';
import { Journals } from './feed/journal/journals.ts';
import { MemoryLog } from './feed/memory-log.ts';
import { toFeedName } from './feed/name.ts';
import { Registry } from './feed/registry.ts';
import { FeedSets } from './feed/set/feed-sets.ts';
import { admit, admitReader, admitting } from './http/admission.ts';
import { beforeExpress } from './http/before-express.ts';
import { Capacity } from './http/capacity.ts';
import { connectionsRoute } from './http/connections.ts';
import { connectionEnd, connectionList } from './http/connections-view.ts';
import { downloadRoute } from './http/download.ts';
import { eventsRoute } from './http/events.ts';
import { feedList } from './http/feed-list.ts';
import { feedRoute, reading } from './http/feeds.ts';
import { gate, guard } from './http/guard.ts';
import { health } from './http/health.ts';
import { healthReader } from './http/health-reader.ts';
import { closeServer, listen, urlOf } from './http/listen.ts';
import { liveMessages } from './http/live-messages.ts';
import { defaultMemoryBytes } from './http/memory-watch.ts';
import { possibleConnections } from './http/open-files.ts';
import { createPage } from './http/page.ts';
import { pageAssets } from './http/page-bundle.ts';
import { feedMethods, publishing, publishRoute } from './http/publish.ts';
import { removalRoute } from './http/publish-removal.ts';
import { retentionRoute } from './http/publish-retention.ts';
import { routes } from './http/routes.ts';
import { Opened } from './opened.ts';
import { startCommand } from './source/command.ts';
import { startDemoMessages } from './source/demo-messages.ts';
import { startDemoSystem } from './source/demo-system.ts';
import { Discovery } from './source/discovery.ts';
import { startFeedsFeed } from './source/feeds-feed.ts';
import { Publisher } from './source/publish.ts';
import { createServiceLog } from './source/service-log.ts';
import { startStdin } from './source/stdin.ts';

/** Everything that a service is, but for the server that listens. */
export interface Service {
  /** To be mounted in another app. */
  readonly app: Express;
  /** To listen with. */
  readonly listener: RequestListener;
  readonly registry: Registry;
  readonly publisher: Publisher;
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  readonly instance: string;
  readonly log: Logger;
  readonly capacity: Capacity;
  /** Lets no reader in any more, and those who are there go, one after the other. */
  drain(): Promise<void>;
  /** Lets every reader and publisher go politely, at once. */
  release(): void;
  /** Ends what writes and keeps, once no connection is left. */
  close(): Promise<void>;
}

/** A running service. */
export interface Livefeed {
  readonly url: string;
  readonly feeds: readonly { readonly name: string; readonly source: string; readonly detail?: string }[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Lets every reader go politely, within `drainMs`, then ends what writes. */
  close(): Promise<void>;
}

/** Of the time that stopping may take; the rest is for closing what is kept. */
const READERS_SHARE = 0.9;

/** Starts everything that `config` asks for. Listening begins after the first scan, so that no feed is unknown for a moment. */
export async function startLivefeed(config: Config, { stdin }: { readonly stdin: Readable }): Promise<Livefeed> {
  const service = await startService(config, { stdin, page: createPage() });
  const { listener, registry, capacity, skipped, instance, log } = service;
  const server = await listen(listener, config).catch(async (error: unknown) => {
    await service.close().catch(() => undefined);
    throw error;
  });
  server.on('connection', (socket) => capacity.enter(socket));
  // After the start, which it would hold up on a machine of two cores.
  pageAssets().catch((error: unknown) => log.error({ err: error }, 'the page cannot be made'));
  log.info({ url: urlOf(server), feeds: registry.size, instance }, 'listening');
  return {
    url: urlOf(server),
    feeds: registry.list().map(({ name, source, detail }) => ({ name, source, ...(detail === undefined ? {} : { detail }) })),
    skipped,
    close: async () => {
      await service.drain();
      const closed = closeServer(server);
      service.release();
      await closed;
      await service.close();
    },
  };
}

interface Outside {
  readonly stdin: Readable;
  /** Without a page, the service is a part of another app. */
  readonly page: Router | undefined;
}

/** Where the start fails, what it had opened is closed when this rejects: the same process may try again. */
export async function startService(config: Config, outside: Outside): Promise<Service> {
  const opened = new Opened();
  try {
    return await openService(config, outside, opened);
  } catch (error) {
    // What cannot be closed, of what has just been opened, says less than this.
    await opened.close().catch(() => undefined);
    throw error;
  }
}

async function openService(config: Config, { stdin, page }: Outside, opened: Opened): Promise<Service> {
  const { stopping } = opened;
  const registry = new Registry();
  const instance = randomBytes(6).toString('hex');
  const feedsLog = addMemoryFeed(registry, 'livefeed/feeds', 'service');
  const log = createServiceLog(config.logLevel as LevelWithSilent, addMemoryFeed(registry, 'livefeed/log', 'service'));
  const onTrouble = (feed: string, error: unknown) => log.error({ feed, err: error }, `the published feed ${feed} has trouble`);
  const retention = { maxBytes: config.retainBytes, maxAgeMs: config.retainAgeMs, maxEvents: null };
  const archives = new ArchiveCache(config.archiveCacheBytes);
  opened.add(() => archives.close());
  const journals = await Journals.open(config.data, { fsync: config.fsync, retention, onTrouble });
  opened.add(() => journals.close());
  opened.add(() => registry.close());
  const delivery = new Delivery({ windowBytes: config.windowBytes, stallTimeoutMs: config.stallTimeoutMs, instance });
  stopping.addEventListener('abort', () => delivery.close(), { once: true });
  registry.onChange(({ type, feed }) => type === 'removed' && delivery.letGo('removed', feed));
  const views = new FilterViews({
    onFailure: (view, error) => {
      log.error({ feed: view.name, err: error }, `${view.name} cannot be filtered now: its readers are asked to come back`);
      delivery.letGo('unavailable', view);
    },
  });
  opened.add(() => views.close());
  const discovery = new Discovery({
    registry,
    followLinks: config.followLinks,
    raw: config.raw,
    partialTimeoutMs: config.partialTimeoutMs,
    archives,
    poll: config.poll,
    onLimit: (why) => log.warn({ why }, `${why}: files are looked at less often; watching is tried again every minute`),
    onTrouble: (path, error) => log.warn({ path, err: error }, `${path} cannot be read now; it is tried again`),
  });
  opened.add(() => discovery.close());
  startSources(config, registry, stdin, log, opened);
  const publisher = startPublishing(config, registry, journals, log);
  const skipped = await discovery.start(config.paths);
  for (const { path, reason } of skipped) log.info({ path, reason }, 'skipped');
  const listing = new FeedListing(registry, feedsLog);
  opened.add(() => listing.close());
  startFeedsFeed({ listing, log: feedsLog, signal: stopping });
  const body = { idleMs: config.stallTimeoutMs, signal: stopping };
  const doors = { capacity: capacityOf(config, log), isDraining: () => delivery.isDraining };
  const { capacity } = doors;
  const publish = admitting(doors, publishing(publisher, body));
  const serving = { delivery, log, gzip: config.compress ? new Gzip() : undefined };
  const read = admitting(doors, reading(registry, views, serving));
  const guarded = { allowHosts: config.allowHosts, cors: config.cors, host: config.host };
  const several = { registry, sets: new FeedSets(registry, views), views, ...serving };
  const app = routes({
    guard: guard(guarded),
    admit: admit(doors),
    admitReader: admitReader(doors),
    page,
    feedList: feedList(listing, feedsLog),
    feedMethods: feedMethods(publisher),
    feed: feedRoute(read),
    publish: publishRoute(publish),
    retention: retentionRoute(publisher, body),
    removal: removalRoute(publisher),
    events: eventsRoute(several),
    connections: connectionsRoute(several, body),
    connectionList: connectionList(delivery),
    connectionEnd: connectionEnd(delivery),
    liveMessages: liveMessages(stopping),
    health: health(healthReader({ instance, registry, delivery, capacity, discovery, signal: stopping })),
    download: config.files === undefined ? undefined : downloadRoute(config.files, { stallTimeoutMs: config.stallTimeoutMs }),
    errorLog: log,
  });
  return {
    app,
    listener: beforeExpress({ GET: read, POST: publish }, gate(guarded), log, app),
    registry,
    publisher,
    skipped,
    instance,
    log,
    capacity,
    drain: () => delivery.drain(config.drainMs * READERS_SHARE),
    release: () => opened.stop(),
    close: () => opened.close(),
  };
}

/** The sources that are not files. */
function startSources(config: Config, registry: Registry, stdin: Readable, log: Logger, opened: Opened): void {
  const { partialTimeoutMs } = config;
  const signal = opened.stopping;
  if (config.demo) {
    startDemoMessages(addMemoryFeed(registry, 'demo/messages', 'generator'), signal);
    startDemoSystem(addMemoryFeed(registry, 'demo/system', 'generator'), signal);
  }
  const input = config.paths.find(({ kind }) => kind === 'stdin');
  if (input !== undefined)
    void startStdin({ input: stdin, log: addMemoryFeed(registry, input.name ?? 'stdin', 'stdin'), signal, partialTimeoutMs });
  for (const { name, command } of config.commands) {
    const onExit = (words: string) => log.warn({ feed: name, command }, words);
    const memory = addMemoryFeed(registry, name, 'command', command);
    const { ended } = startCommand({ name, command, log: memory, signal, partialTimeoutMs, onExit });
    opened.add(() => ended);
  }
}

/** Makes feeds of the journals that are kept. A name that was given to something else is not theirs for as long as it is. */
function startPublishing(config: Config, registry: Registry, journals: Journals, log: Logger): Publisher {
  const publisher = new Publisher({ registry, journals, maxFeeds: config.maxFeeds });
  const chosen = new Set(config.paths.map(({ name }) => name));
  const hidden = publisher.addKept((name) => registry.get(name) !== undefined || chosen.has(name));
  for (const feed of hidden)
    log.warn({ feed }, `the published feed ${feed} in ${config.data} is not shown: its name is given to something else`);
  return publisher;
}

function addMemoryFeed(registry: Registry, name: string, source: string, detail?: string): MemoryLog {
  const log = new MemoryLog();
  registry.add({ name: toFeedName(name), source, ...(detail === undefined ? {} : { detail }), log });
  return log;
}

function capacityOf(config: Config, log: Logger): Capacity {
  const { maxConnections: wanted, maxConnectionsPerAddress, maxReadersPerSecond, maxMemoryBytes = defaultMemoryBytes() } = config;
  const maxConnections = possibleConnections(wanted);
  if (maxConnections < wanted)
    log.warn({ wanted, maxConnections }, `${maxConnections} connections are possible: more need a higher limit of open files`);
  return new Capacity({ maxConnections, maxPerAddress: maxConnectionsPerAddress, maxReadersPerSecond, maxMemoryBytes });
}
