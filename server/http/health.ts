import type { RequestHandler } from 'express';

/** `eventLoopDelayMs`: how late the event loop came to its timers since the service started. */
export interface Health {
  readonly version: string;
  /** Changes with every start of the service. */
  readonly instance: string;
  readonly uptimeSeconds: number;
  readonly feeds: number;
  readonly readers: number;
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** `GET /healthz`: that the service answers, and how it is. */
export function health(read: () => Health): RequestHandler {
  return (_request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    response.json({ status: 'ok', ...read() });
  };
}
