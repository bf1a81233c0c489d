import type { ByteScan } from './byte-scan.ts';
import { behindLastOther } from './nul-bytes.ts';

/** Large, since each read waits for a thread; compared in smaller pieces. */
export const BLOCK_BYTES = 8 * 1024 * 1024;
/** Where text is looked for that is likely there, no more than this is read first. */
const TAIL_BYTES = 4 * 1024;
/** Room is gone through again after so many times the time that took: a twentieth of a core at most. */
const REST_FACTOR = 20;
/** Of a file written to so shortly before, the time of its last change does not tell whether it has been written to since. */
const CLOCK_MS = 2_000;

/** A file whose NULs are searched. */
export interface Searched {
  /** As of the last look. */
  readonly size: number;
  readonly mtimeMs: number;
  readonly isArchive: boolean;
  look(): Promise<unknown>;
  openScan(): ByteScan;
}

/** NULs that a file ends with. Times are those of performance.now(). */
export interface Room {
  readonly from: number;
  readonly to: number;
  /** What has been written after this may lie in it. */
  readonly asOf: number;
  /** The time of the file's last change then, and whether that was a moment before. */
  readonly mtimeMs: number;
  readonly isFresh: boolean;
  /** How long it took to go through it, ms. */
  readonly tookMs: number;
  /** Not gone through again before. Without end while it has not been gone through once. */
  readonly restUntil: number;
}

export interface RoomOptions {
  /** What is before this does not matter. */
  readonly floor: number;
  /** What was known a while ago will do, where to find out anew would take too much. */
  readonly mayBeOld: boolean;
  readonly mayGoOn: () => boolean;
}

/** How much of the end of one file is room that its writer has made for what is to come, as far as somebody had to know. */
export class RoomSearch {
  #known: Room | undefined;

  /** The NULs that lie before `end`; those before `floor` are left out. Undefined where it may not go on now: the next call does. */
  async find(file: Searched, end: number, options: RoomOptions): Promise<Room | undefined> {
    const { floor, mayGoOn } = options;
    const startedAt = performance.now();
    const known = this.#knownBefore(file, end, startedAt, options);
    let room = begin(file, end, startedAt);
    const scan = file.openScan();
    try {
      const knownTo = known === undefined ? floor : Math.min(known.to, end);
      let found = await behindText(scan, end, knownTo, mayGoOn);
      if (known !== undefined && found.at === knownTo) {
        room = { ...known, to: end };
        found = await behindText(scan, known.from, floor, mayGoOn);
      }
      const tookMs = room.tookMs + performance.now() - startedAt;
      room = { ...room, from: found.at, tookMs, restUntil: found.isDone ? restOf(room, tookMs) : Number.POSITIVE_INFINITY };
      this.#note(file, room);
      return found.isDone ? room : undefined;
    } finally {
      await scan.close();
    }
  }

  #knownBefore(file: Searched, end: number, now: number, { floor, mayBeOld }: RoomOptions): Room | undefined {
    const known = this.#known;
    if (known === undefined || known.from >= end || known.to <= floor) return undefined;
    return isUnchanged(file, known) || (mayBeOld && now < known.restUntil) ? known : undefined;
  }

  /** Only what is at the end of the file, and not what was before something that is known already. */
  #note(file: Searched, room: Room): void {
    if (room.to === file.size && room.asOf >= (this.#known?.asOf ?? 0)) this.#known = room;
  }
}

/** Whether the room is sure to be as it was. */
export function isUnchanged({ mtimeMs }: Searched, room: Room): boolean {
  return mtimeMs === room.mtimeMs && !room.isFresh;
}

function begin({ mtimeMs }: Searched, end: number, asOf: number): Room {
  const isFresh = Date.now() - mtimeMs < CLOCK_MS;
  return { from: end, to: end, asOf, mtimeMs, isFresh, tookMs: 0, restUntil: Number.POSITIVE_INFINITY };
}

function restOf({ restUntil }: Room, tookMs: number): number {
  return Number.isFinite(restUntil) ? restUntil : performance.now() + REST_FACTOR * tookMs;
}

/** The place behind the last byte before `from` that is no NUL, or `limit`. */
async function behindText(scan: ByteScan, from: number, limit: number, mayGoOn: () => boolean) {
  let at = from;
  for (let most = TAIL_BYTES; at > limit; most = BLOCK_BYTES) {
    if (!mayGoOn()) return { at, isDone: false };
    const start = Math.max(limit, at - most);
    const behind = behindLastOther(await scan.read(start, at - start));
    at = start + behind;
    if (behind > 0) break;
  }
  return { at, isDone: true };
}
