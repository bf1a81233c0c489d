import type { Cursor } from '../feed/cursor.ts';
import type { Gap } from '../feed/log.ts';
import type { Feed } from '../feed/registry.ts';
import type { Step } from './catch-up.ts';
import type { Format } from './format.ts';
import type { Outlet } from './outlet.ts';

/** A client is asked to come back after about this long. */
const RETRY_MS = 2_000;

/** One connection that reads, from the moment in which its request has come. */
export interface Reader {
  readonly feed: Feed;
  readonly format: Format;
  readonly outlet: Outlet;
  /** Whether its answer ends by itself at the head: then an end before that must show. */
  readonly hasEnd: boolean;
  /** Up to where it has been given everything; undefined before it has a place. */
  place?: { readonly cursor: Cursor };
}

/** Gives bytes at the speed of the client. */
export async function copy(reader: Reader, steps: AsyncIterable<Step>): Promise<void> {
  const { outlet } = reader;
  for await (const { bytes, giveBack, cursor } of steps) {
    if (cursor !== undefined) reader.place = { cursor };
    await outlet.send(bytes, giveBack);
    if (!outlet.isOpen) return;
  }
}

export async function untilClosed({ closed }: Outlet): Promise<void> {
  if (!closed.aborted) await new Promise<void>((resolve) => closed.addEventListener('abort', () => resolve(), { once: true }));
}

/** The time a client is asked to wait before it comes back, ms: ± 25 %, so that those who left together do not come together. */
export function retryMs(): number {
  return Math.round(RETRY_MS * (0.75 + Math.random() / 2));
}

export function gapControl(
  format: Format,
  { reason, bytes, events, of }: Gap & { of?: 'until' },
  cursor: Cursor,
): Buffer | undefined {
  const place = of === undefined ? {} : { of };
  const data = { reason, bytes, events: events ?? null, ...place, time: new Date().toISOString() };
  return format.control('feed.gap', data, cursor);
}

export function say(outlet: Outlet, bytes: Buffer | undefined): void {
  if (bytes !== undefined) outlet.write(bytes);
}
