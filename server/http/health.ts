import type { RequestHandler } from 'express';
import type { Figures } from '../delivery/figures.ts';
import type { WatchFigures } from '../source/watch/folders.ts';
import type { Limit } from './capacity.ts';

/** `eventLoopDelayMs`: how late the event loop came to its timers since the service started. */
export interface Health {
  /** `draining`: it is on its way out and lets nobody in. */
  readonly status: 'ok' | 'draining';
  readonly version: string;
  /** Changes with every start of the service. */
  readonly instance: string;
  readonly uptimeSeconds: number;
  readonly feeds: number;
  readonly readers: number;
  /** Open now, those of readers among them. */
  readonly connections: number;
  /** How often somebody was asked to come back later, by the limit that kept them out. */
  readonly refused: Readonly<Record<Limit, number>>;
  readonly delivery: Omit<Figures, 'latency'> & { readonly latencyMs: Figures['latency']['figures'] };
  /** How the folders of tailed files are watched. */
  readonly watch: WatchFigures;
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** `GET /healthz`: that the service answers, and how it is. */
export function health(read: () => Promise<Health>): RequestHandler {
  return async (_request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    const health = await read();
    // Whoever sends new readers here (a load balancer) is to send them elsewhere.
    response.status(health.status === 'draining' ? 503 : 200).json(health);
  };
}
