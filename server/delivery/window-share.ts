/** So many windows have all that is asked for; more share what these have, since clients choose how many sets of feeds and filters there are. */
const MOST_WHOLE = 512;

/** How much a window may hold, of those of all channels that are read now. */
export class WindowShare {
  readonly #windowBytes: number;
  #windows = 0;

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  get bytes(): number {
    return Math.floor(this.#windowBytes * Math.min(1, MOST_WHOLE / this.#windows));
  }

  /** One more, until the function returned is called, once. */
  take(): () => void {
    this.#windows += 1;
    return () => {
      this.#windows -= 1;
    };
  }
}
