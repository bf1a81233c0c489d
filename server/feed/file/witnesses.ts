import { CONTEXT_BYTES, HEAD_BYTES } from './fingerprint.ts';

/** What lay before a place behind the first kilobyte. */
export interface Witness {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** No banner is longer: what is seen behind it tells as much as what is seen later. */
const EARLY_BYTES = 64 * 1024;

/**
 * What has been seen of a content behind its first kilobyte: where all contents of a file begin alike, its head does not tell that it
 * was cut and written again. Two places: one is taken again where the file has doubled, so that it soon lies behind what all begin
 * with; the other is the last that was seen while the file was short.
 */
export class Witnesses {
  #steady: Witness | undefined;
  #last: Witness | undefined;

  get all(): readonly Witness[] {
    return [this.#steady, this.#last].filter((witness) => witness !== undefined);
  }

  get isEmpty(): boolean {
    return this.#steady === undefined;
  }

  /**
   * Whether all is as it was seen; takes note of what lies before `end` now. `before`: reads the bytes before a place; `isStill`: whether
   * nothing has been written meanwhile.
   */
  async hear(end: number, before: (offset: number) => Promise<Buffer>, isStill: () => Promise<boolean>): Promise<boolean> {
    if (end <= HEAD_BYTES) return true;
    for (const { offset, bytes } of this.all) if (!(await before(offset)).equals(bytes)) return false;
    const isDue = this.#steady === undefined || end >= 2 * this.#steady.offset;
    const isEarly = end <= EARLY_BYTES && end > (this.#last?.offset ?? 0);
    if (!isDue && !isEarly) return true;
    const bytes = await before(end);
    // NULs may be room that a writer has made, and will fill; what is shorter was cut meanwhile.
    if (bytes.length < CONTEXT_BYTES || bytes.includes(0)) return true;
    if (isDue) this.#steady = { offset: end, bytes };
    if (isEarly && (await isStill())) this.#last = { offset: end, bytes };
    return true;
  }
}
