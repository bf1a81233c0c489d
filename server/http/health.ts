import type { RequestHandler } from 'express';
import type { Figures } from '../delivery/figures.ts';
import type { WatchFigures } from '../source/watch/folders.ts';

/** `eventLoopDelayMs`: how late the event loop came to its timers since the service started. */
export interface Health {
  readonly version: string;
  /** Changes with every start of the service. */
  readonly instance: string;
  readonly uptimeSeconds: number;
  readonly feeds: number;
  readonly readers: number;
  readonly delivery: Omit<Figures, 'latency'> & { readonly latencyMs: Figures['latency']['figures'] };
  /** How the folders of tailed files are watched. */
  readonly watch: WatchFigures;
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** `GET /healthz`: that the service answers, and how it is. */
export function health(read: () => Promise<Health>): RequestHandler {
  return async (_request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    response.json({ status: 'ok', ...(await read()) });
  };
}
