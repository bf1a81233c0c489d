import type { Batch } from '../batch.ts';
import type { Gap, Located, ReadableLog, ReadOptions } from '../log.ts';
import { comparePositions, type Position } from '../position.ts';
import type { Feed } from '../registry.ts';
import { type SetStep, stepOf, tell } from './set-batch.ts';
import type { Members, Place, SetPosition } from './set-position.ts';

/** Who knows where feeds begin and end that come and go. */
export interface Coming extends Members {
  logOf(feed: Feed): ReadableLog;
  startIn(feed: Feed, from: SetPosition, signal: AbortSignal): Promise<Located>;
  endOf(feed: Feed): Position | undefined;
}

/** What several feeds hold between two places: a batch of each in turn, so that a large one does not keep the others waiting. */
export async function* readSet(from: SetPosition, options: ReadOptions, set: Coming): AsyncGenerator<SetStep> {
  const until = options.until as SetPosition | undefined;
  let at = from;
  for await (const step of readMembership(from, until, set, options.signal)) {
    at = step.to;
    yield step;
  }
  const readings = [...at.of].map(([feed, { position }]) =>
    readingOf(feed, position, until, { ...options, log: set.logOf(feed) }),
  );
  const open = new Set(readings.filter((reading) => reading !== undefined));
  try {
    while (open.size > 0) {
      for (const reading of open) {
        const step = await nextStep(reading, at, set, options.signal);
        if (step === undefined) {
          open.delete(reading);
          continue;
        }
        at = step.to;
        yield step;
      }
    }
  } finally {
    await Promise.all([...open].map(({ batches }) => batches.return?.()));
  }
}

/** Which feeds have left and which have come. What a reader has not seen of one that has left cannot be had now. */
async function* readMembership(
  from: SetPosition,
  until: SetPosition | undefined,
  set: Coming,
  signal: AbortSignal,
): AsyncGenerator<SetStep> {
  if (until === undefined) return;
  let at = from;
  const step = (told: SetStep) => {
    at = told.to;
    return told;
  };
  for (const [feed, { position }] of from.of) {
    if (until.of.has(feed)) continue;
    const end = set.endOf(feed);
    if (end === undefined || comparePositions(position, end) < 0) yield step(tellGap(at, at, feed, REMOVED));
    yield step(tell(at, at.without(feed), 'feed.removed', { feed: feed.name, time: now() }));
  }
  for (const feed of until.of.keys()) {
    if (from.of.has(feed)) continue;
    const located = await set.startIn(feed, at, signal);
    yield step(tell(at, at.with(feed, located), 'feed.added', { feed: feed.name, start: located.by, time: now() }));
    if (located.gap !== undefined) yield step(tellGap(at, at, feed, located.gap));
  }
}

interface Reading {
  readonly feed: Feed;
  readonly batches: AsyncIterator<Batch>;
  readonly end: Place | undefined;
}

function readingOf(
  feed: Feed,
  from: Position,
  until: SetPosition | undefined,
  { signal, reuse = false, log }: ReadOptions & { readonly log: ReadableLog },
): Reading | undefined {
  const end = until?.of.get(feed);
  if (end !== undefined && comparePositions(from, end.position) >= 0) return undefined;
  const batches = log.read(from, { signal, reuse, ...(end === undefined ? {} : { until: end.position }) });
  return { feed, end, batches: batches[Symbol.asyncIterator]() };
}

/** Undefined at the end. The log of a feed that is removed meanwhile ends, or fails, before. */
async function nextStep(
  { feed, batches, end }: Reading,
  at: SetPosition,
  set: Coming,
  signal: AbortSignal,
): Promise<SetStep | undefined> {
  const next = await batches.next().catch((error: unknown) => {
    if (set.has(feed)) throw error;
    return { done: true, value: undefined } as const;
  });
  if (next.done !== true) return stepOf(at, feed, next.value);
  const reached = at.of.get(feed);
  if (signal.aborted || set.has(feed) || end === undefined || reached === undefined) return undefined;
  return comparePositions(reached.position, end.position) < 0 ? tellGap(at, at.with(feed, end), feed, REMOVED) : undefined;
}

const REMOVED: Gap = { reason: 'removed', bytes: null };

function tellGap(from: SetPosition, to: SetPosition, feed: Feed, { reason, bytes, events = null }: Gap): SetStep {
  const id = to.of.get(feed)?.cursor;
  return tell(from, to, 'feed.gap', { feed: feed.name, id, reason, bytes, events, time: now() }, true);
}

function now(): string {
  return new Date().toISOString();
}
