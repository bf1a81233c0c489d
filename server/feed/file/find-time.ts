import type { Position } from '../position.ts';
import type { Generation } from './generation.ts';
import { firstTimeMs, type Look, timedLines } from './timed-lines.ts';

/** A place found by the times that lines tell, or by those of the files where lines tell none. */
export interface FoundTime {
  readonly position: Position;
  readonly by: 'time' | 'file-time';
}

/** So much of a file is looked at to find out whether its lines tell times. */
const START_BYTES = 64 * 1024;
/** Below this the search goes line by line. Lines may also be out of order by so much. */
const NEAR_BYTES = 64 * 1024;
/** So many times are compared at each place: a few lines that are late by much mislead nobody. */
const PROBE_LINES = 64;
/** A file most of whose lines tell no time is searched no further than this; the place is then earlier than it could be. */
const MAX_LOOK_BYTES = 256 * 1024 * 1024;
const MAX_STEPS_BACK = 16;
/** Small enough that the way back to the look before is still at hand. */
const FORWARD_BYTES = 256 * 1024;

/**
 * The first line that tells a time of `ms` or later, up to `head`; `head` where there is none. `generations`: oldest first.
 * Lines without a time of their own, as those of a stack trace, belong to the one before.
 */
export async function findTime(
  generations: readonly Generation[],
  head: Position,
  ms: number,
  signal: AbortSignal,
): Promise<FoundTime> {
  const candidates = generations.filter((generation) => generation.ordinal <= head.generation && generation.head.length > 0);
  const index = await lastBegunBefore(candidates, ms, signal);
  const generation = candidates[Math.max(0, index)];
  if (generation === undefined) return { position: head, by: 'file-time' };
  const isTimed = (await startMs(generation, signal)) !== undefined;
  const by = isTimed ? 'time' : 'file-time';
  const start = { generation: generation.ordinal, offset: 0 };
  if (index < 0) return { position: start, by };
  if (isTimed) return { position: await findIn(generation, head, ms, signal), by };
  const next = candidates[index + 1];
  if (generation.mtimeMs >= ms) return { position: start, by };
  return { position: next === undefined ? head : { generation: next.ordinal, offset: 0 }, by };
}

/** The index of the newest generation that begins before `ms`; -1 where all begin later. Of an archive, only the start is inflated. */
async function lastBegunBefore(generations: readonly Generation[], ms: number, signal: AbortSignal): Promise<number> {
  let low = 0;
  let high = generations.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const begun = await begunMs(generations, middle, signal);
    if (begun < ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where lines tell no times, a file begins when the one before it was written to last. */
async function begunMs(generations: readonly Generation[], index: number, signal: AbortSignal): Promise<number> {
  const generation = generations[index];
  const told = generation === undefined ? undefined : await startMs(generation, signal);
  return told ?? generations[index - 1]?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

async function startMs(generation: Generation, signal: AbortSignal): Promise<number | undefined> {
  const start = await readTextStart(generation, signal).catch(() => undefined);
  return start === undefined ? undefined : firstTimeMs(start, generation);
}

/** The first text of a file: what it begins with, or of one that begins with a hole, what is behind that. */
async function readTextStart(generation: Generation, signal: AbortSignal): Promise<Buffer> {
  const from = await textStart(generation, signal);
  if (from === 0) return generation.readStart(START_BYTES);
  const { bytes, start } = await generation.readChunk(from, generation.size, START_BYTES);
  return bytes.subarray(start);
}

/** Behind the hole at the start of a file that was cut under a writer that does not append. */
async function textStart(generation: Generation, signal: AbortSignal): Promise<number> {
  if (generation.head[0] !== 0 || generation.isArchive) return 0;
  const end = await generation.holes.endOf(generation, 0, { sliceMs: Number.POSITIVE_INFINITY, signal });
  return typeof end === 'number' ? end : 0;
}

async function findIn(generation: Generation, head: Position, ms: number, signal: AbortSignal): Promise<Position> {
  const at = (offset: number): Position => ({ generation: generation.ordinal, offset });
  try {
    await generation.look();
  } catch (error) {
    // An archive that is not whole: whoever reads on from its start is told so.
    generation.failed(error);
    return at(0);
  }
  const end = generation.ordinal === head.generation ? head.offset : generation.size;
  const look: Look = { end, signal, bytesLeft: generation.isLinear ? Number.POSITIVE_INFINITY : MAX_LOOK_BYTES };
  if (generation.isLinear) return at(await goForward(generation, ms, look));
  const found = await halve(generation, await textStart(generation, signal), ms, look);
  return at(await stepBack(generation, found, ms, look));
}

/** What can only be read forward is looked at every so often until that is late enough, then line by line from the look before. */
async function goForward(generation: Generation, ms: number, look: Look): Promise<number> {
  let from = 0;
  for (let place = FORWARD_BYTES; place < look.end; place += FORWARD_BYTES) {
    const probe = await lookAt(generation, place, Math.min(place + FORWARD_BYTES, look.end), ms, look);
    if (probe.found !== undefined) break;
    if (probe.last !== undefined) from = probe.last + 1;
  }
  return (await firstFrom(generation, from, look.end, ms, look)) ?? look.end;
}

/** The times at a place say which half goes on; what is left at last is read line by line. */
async function halve(generation: Generation, from: number, ms: number, look: Look): Promise<number> {
  let low = from;
  let high = look.end;
  /** The start of the last line that is known to be earlier. */
  let earlier = from;
  let found = look.end;
  while (high - low > NEAR_BYTES) {
    const middle = low + Math.floor((high - low) / 2);
    const probe = await lookAt(generation, middle, high, ms, look);
    if (look.bytesLeft <= 0) return earlier;
    if (probe.last === undefined || probe.found !== undefined) {
      found = probe.found ?? found;
      high = middle;
    } else {
      earlier = probe.last;
      low = probe.last + 1;
    }
  }
  return (await firstFrom(generation, low, high, ms, look)) ?? found;
}

interface Probe {
  /** The start of the first line that is not before `ms`. */
  readonly found: number | undefined;
  /** The start of the last line that was looked at; undefined where none tells a time. */
  readonly last: number | undefined;
}

async function lookAt(generation: Generation, from: number, to: number, ms: number, look: Look): Promise<Probe> {
  let last: number | undefined;
  let lines = 0;
  for await (const line of timedLines(generation, from, to, look)) {
    last = line.offset;
    if (line.ms >= ms) return { found: line.offset, last };
    lines += 1;
    if (lines === PROBE_LINES) break;
  }
  return { found: undefined, last };
}

async function firstFrom(generation: Generation, from: number, to: number, ms: number, look: Look): Promise<number | undefined> {
  for await (const line of timedLines(generation, from, to, look)) if (line.ms >= ms) return line.offset;
  return undefined;
}

/** Lines of several threads are a little out of order: goes back as long as one shortly before is not too early either. */
async function stepBack(generation: Generation, from: number, ms: number, look: Look): Promise<number> {
  let offset = from;
  for (let step = 0; step < MAX_STEPS_BACK && offset > 0; step += 1) {
    const earlier = await firstFrom(generation, Math.max(0, offset - NEAR_BYTES), offset, ms, look);
    if (earlier === undefined) break;
    offset = earlier;
  }
  return offset;
}
