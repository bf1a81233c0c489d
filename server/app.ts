/** The composition root: the only file that knows every folder. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import express from 'express';
import type { Config } from './config/config.ts';
import { Delivery } from './delivery/delivery.ts';
import { ArchiveCache } from './feed/file/archive-cache.ts';
import { MemoryLog } from './feed/memory-log.ts';
import { type FeedName, toFeedName } from './feed/name.ts';
import { Registry } from './feed/registry.ts';
import { downloadRoute } from './http/download.ts';
import { feedRoute } from './http/feeds.ts';
import { guard } from './http/guard.ts';
import { type Health, health } from './http/health.ts';
import { closeServer, listen, urlOf } from './http/listen.ts';
import { liveMessages } from './http/live-messages.ts';
import { createPage } from './http/page.ts';
import { routes } from './http/routes.ts';
import { startCommand } from './source/command.ts';
import { startDemoMessages } from './source/demo-messages.ts';
import { startDemoSystem } from './source/demo-system.ts';
import { Discovery } from './source/discovery.ts';
import { startStdin } from './source/stdin.ts';

/** A running service. */
export interface Livefeed {
  readonly url: string;
  readonly feeds: readonly { readonly name: string; readonly source: string; readonly detail?: string }[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Lets every reader go politely, then ends what writes. */
  close(): Promise<void>;
}

const ARCHIVE_CACHE_BYTES = 1024 ** 3;

/** Starts everything that `config` asks for. Listening begins after the first scan, so that no feed is unknown for a moment. */
export async function startLivefeed(config: Config, service: { readonly stdin: Readable }): Promise<Livefeed> {
  const stopping = new AbortController();
  const registry = new Registry();
  const instance = randomBytes(6).toString('base64url').replace(/[-_]/g, '0');
  const delivery = new Delivery({ windowBytes: config.windowBytes, stallTimeoutMs: config.stallTimeoutMs, instance });
  registry.onChange(({ type, feed }) => type === 'removed' && delivery.letGo('removed', feed));
  const archives = new ArchiveCache(ARCHIVE_CACHE_BYTES);
  const discovery = new Discovery({
    registry,
    followLinks: config.followLinks,
    partialTimeoutMs: config.partialTimeoutMs,
    archives,
    onTrouble: (path, trouble) => console.error(path, trouble),
  });
  startSources(config, registry, service.stdin, stopping.signal);
  const [page, skipped] = await Promise.all([createPage().catch(() => express.Router()), discovery.start(config.paths)]);
  const app = routes({
    guard: guard({ allowHosts: config.allowHosts, cors: config.cors, host: config.host }),
    page,
    feedList: (_request, response) => void response.json({ feeds: registry.list().map(({ name }) => ({ name })) }),
    feed: feedRoute(registry, delivery),
    liveMessages: liveMessages(stopping.signal),
    health: health(healthReader(instance, registry, delivery)),
    download: config.files === undefined ? undefined : downloadRoute(config.files, { stallTimeoutMs: config.stallTimeoutMs }),
    errorLog: { error: console.error },
  });
  const server = await listen(app, config);
  return {
    url: urlOf(server),
    feeds: registry.list().map(({ name, source, detail }) => ({ name, source, ...(detail === undefined ? {} : { detail }) })),
    skipped,
    close: async () => {
      const closed = closeServer(server);
      stopping.abort();
      delivery.close();
      await closed;
      await discovery.close();
      await registry.close();
      await archives.close();
    },
  };
}

/** The sources that are not files. */
function startSources(config: Config, registry: Registry, stdin: Readable, signal: AbortSignal): void {
  const { partialTimeoutMs } = config;
  const feedOf = (name: string, source: string, detail?: string): MemoryLog => {
    const log = new MemoryLog();
    registry.add({ name: toFeedName(name), source, ...(detail === undefined ? {} : { detail }), log });
    return log;
  };
  if (config.demo) {
    startDemoMessages(feedOf('demo/messages', 'generator'), signal);
    startDemoSystem(feedOf('demo/system', 'generator'), signal);
  }
  for (const { name, command } of config.commands)
    startCommand({ name, command, log: feedOf(name, 'command', command), signal, partialTimeoutMs });
  const input = config.paths.find(({ kind }) => kind === 'stdin');
  if (input !== undefined)
    void startStdin({ input: stdin, log: feedOf(input.name ?? ('stdin' as FeedName), 'stdin'), signal, partialTimeoutMs });
}

function healthReader(instance: string, registry: Registry, delivery: Delivery): () => Health {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  const delays = monitorEventLoopDelay({ resolution: 20 });
  delays.enable();
  const late = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / 1e5) / 10 - 20);
  return () => ({
    version,
    instance,
    uptimeSeconds: Math.round(process.uptime()),
    feeds: registry.size,
    readers: delivery.readers,
    eventLoopDelayMs: { p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max) },
  });
}
