import { setImmediate as nextTurn } from 'node:timers/promises';
import { addFrames, addRuin, type Block } from './blocks.ts';
import { checkFrame, keyHashOf, nextFrame, timeOf } from './frame.ts';

/** As many bytes are looked at before others have their turn: some milliseconds. */
const SLICE_BYTES = 512 * 1024;

export interface KeyUse {
  readonly hash: string;
  /** The end of its event. */
  readonly offset: number;
  readonly timeMs: number;
}

/** What a segment holds, or a run of its frames. */
export interface Contents {
  readonly blocks: Block[];
  /** In the order of the log; undefined while they have not been asked for. */
  keys: KeyUse[] | undefined;
  keyCount: number;
  /** Behind the last whole frame. */
  end: number;
  /** When the last event was appended; 0 where there is none. */
  lastMs: number;
}

/** The contents of nothing, at `offset`. */
export function emptyContents(offset: number): Contents & { keys: KeyUse[] } {
  return { blocks: [], keys: [], keyCount: 0, end: offset, lastMs: 0 };
}

/**
 * Goes through `bytes`, which begin at `offset` where a frame begins, and adds what is there to `contents`. What is no frame but lies
 * before one is a ruin.
 */
export async function scanFrames(
  bytes: Buffer,
  epoch: string,
  offset: number,
  contents: Contents = emptyContents(offset),
): Promise<Contents> {
  let at = 0;
  while (at < bytes.length) {
    const next = takeFrames(contents, bytes, epoch, offset, at);
    if (next > at) await nextTurn();
    at = next;
    if (at < bytes.length && checkFrame(bytes, at, epoch, offset + at) < 0) {
      const behind = nextFrame(bytes, at, epoch, offset + at);
      if (behind === bytes.length) break;
      addRuin(contents.blocks, offset + at, offset + behind);
      at = behind;
    }
  }
  return contents;
}

/** Takes whole frames from `at` on, as many as are for one turn; answers the place behind them. */
function takeFrames(contents: Contents, bytes: Buffer, epoch: string, offset: number, at: number): number {
  const ends: number[] = [];
  let place = at;
  while (place < bytes.length && place - at < SLICE_BYTES) {
    const end = checkFrame(bytes, place, epoch, offset + place);
    if (end < 0) break;
    const hash = keyHashOf(bytes, place);
    if (hash !== undefined) addKey(contents, { hash, offset: offset + end, timeMs: timeOf(bytes, place) });
    contents.lastMs = timeOf(bytes, place);
    ends.push(end);
    place = end;
  }
  addFrames(contents.blocks, bytes, at, ends, offset + at);
  if (ends.length > 0) contents.end = offset + place;
  return place;
}

export function addKey(contents: Contents, use: KeyUse): void {
  contents.keyCount += 1;
  contents.keys?.push(use);
}
