import { firstOther } from './nul-bytes.ts';
import { BLOCK_BYTES, isUnchanged, RoomSearch, type Searched } from './room-search.ts';

/** To be asked again then: the search has not got there yet, or what is known may be out of date by now. */
export interface Later {
  readonly isSearching: boolean;
  readonly againMs: number;
}

/** How a search came out: where text goes on, that there is none up to the end of the file, or not yet. */
export type HoleEnd = number | 'none' | Later;

export interface SearchOptions {
  /** Stops for now after this long, ms. */
  readonly sliceMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HoleOptions extends SearchOptions {
  /** Nobody asks again: what it says is true of all that has been written before, however long that takes. */
  readonly isFinal?: boolean;
}

/** At once; what a timer takes for that. */
export const SEARCHING: Later = { isSearching: true, againMs: 1 };

/**
 * Where the NULs of one file are, as far as somebody had to know. A writer goes forward: what is before the last text changes no
 * more, so NULs there are holes for good. Those behind it are room, and what was seen of it gets old: then text in it is found later,
 * but never passed over.
 */
export class HoleSearch {
  readonly #room = new RoomSearch();
  #hole: { readonly from: number; readonly to: number } | undefined;

  /** Where text goes on behind the NULs at `offset`. */
  async endOf(file: Searched, offset: number, options: HoleOptions): Promise<HoleEnd> {
    const { sliceMs, signal, isFinal = false } = options;
    const startedAt = performance.now();
    const isWanted = () => signal?.aborted !== true;
    const mayGoOn = () => isWanted() && performance.now() < startedAt + sliceMs;
    await file.look();
    // All of an archive is there, and to go back through it may mean to inflate it for each block.
    if (file.isArchive) return this.#firstText(file, offset, file.size, mayGoOn);
    const room = await this.#room.find(file, file.size, {
      floor: offset,
      mayBeOld: !isFinal,
      mayGoOn: isFinal ? isWanted : mayGoOn,
    });
    if (room === undefined) return SEARCHING;
    if (room.from > offset) return this.#firstText(file, offset, room.from, mayGoOn);
    if (room.asOf >= startedAt || isUnchanged(file, room)) return 'none';
    return { isSearching: false, againMs: Math.max(1, room.restUntil - performance.now()) };
  }

  /** Where the NULs begin that lie before `end`; `end` where none do. */
  async startOf(file: Searched, end: number): Promise<number> {
    const from = this.#hole?.to === end ? this.#hole.from : end;
    const room = await this.#room.find(file, from, { floor: 0, mayBeOld: true, mayGoOn: () => true });
    return room?.from ?? from;
  }

  /** The first text in `[offset, end)`, which changes no more. */
  async #firstText(file: Searched, offset: number, end: number, mayGoOn: () => boolean): Promise<HoleEnd> {
    const hole = this.#hole;
    const isIn = hole !== undefined && hole.from <= offset && offset <= hole.to && hole.to <= end;
    const from = isIn ? hole.from : offset;
    let at = isIn ? hole.to : offset;
    const scan = file.openScan();
    try {
      while (at < end) {
        if (!mayGoOn()) return SEARCHING;
        const block = await scan.read(at, Math.min(BLOCK_BYTES, end - at));
        const nuls = firstOther(block);
        at += nuls;
        if (nuls < block.length) return at;
        if (nuls === 0) break;
      }
      return 'none';
    } finally {
      this.#hole = { from, to: at };
      await scan.close();
    }
  }
}
