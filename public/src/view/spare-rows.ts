/** Rows drawn beyond what can be seen: room to scroll in, and nodes that live on while lines come. */
const ALL = 150;
/** They are made so many in a frame: two hundred rows at once would be a long one. */
const ROWS_A_FRAME = 40;
/** With so many left on both sides, scrolling changes nothing. */
export const ENOUGH_ROWS = 75;

/** How many spare rows there are so far. */
export class SpareRows {
  #count = 0;

  /** Where nearly all rows are new, those that are seen come first. */
  grow(isNew: boolean): number {
    this.#count = isNew ? 0 : Math.min(ALL, this.#count + ROWS_A_FRAME);
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  get areAllThere(): boolean {
    return this.#count === ALL;
  }
}
