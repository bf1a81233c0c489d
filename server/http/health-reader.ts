import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Delivery } from '../delivery/delivery.ts';
import type { Registry } from '../feed/registry.ts';
import type { Discovery } from '../source/discovery.ts';
import type { Capacity } from './capacity.ts';
import type { Health } from './health.ts';

const LOOP_RESOLUTION_MS = 20;

export interface Watched {
  readonly instance: string;
  readonly registry: Registry;
  readonly delivery: Delivery;
  readonly capacity: Capacity;
  readonly discovery: Discovery;
  /** Aborted when nobody will ask any more. */
  readonly signal: AbortSignal;
}

/** What `/healthz` says; the event loop is watched from here on. */
export function healthReader({ instance, registry, delivery, capacity, discovery, signal }: Watched): () => Promise<Health> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  const delays = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delays.enable();
  signal.addEventListener('abort', () => delays.disable(), { once: true });
  // The histogram holds the whole time from look to look.
  const late = (nanoseconds: number) => Math.max(0, Math.round((nanoseconds / 1e6 - LOOP_RESOLUTION_MS) * 10) / 10);
  return async () => ({
    status: delivery.isDraining ? 'draining' : 'ok',
    version,
    instance,
    uptimeSeconds: Math.round(process.uptime()),
    feeds: registry.size,
    readers: delivery.readers,
    connections: capacity.connections,
    refused: capacity.refused,
    delivery: deliveryFigures(delivery),
    watch: await discovery.watchFigures(),
    eventLoopDelayMs: { p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max) },
  });
}

function deliveryFigures({ figures: { latency, windowHits, catchUps, gaps, stalls } }: Delivery): Health['delivery'] {
  return { windowHits, catchUps, gaps, stalls, latencyMs: latency.figures };
}
