/** A whole screen of other rows is drawn so often at most: it is more than the work of a frame, and nobody could read it. */
const EVERY_MS = 150;

/** The time between a screen whose rows are all others and the next one. */
export class Flood {
  readonly #over: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(over: () => void) {
    this.#over = over;
  }

  get isOn(): boolean {
    return this.#timer !== undefined;
  }

  begin(): void {
    this.end();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#over();
    }, EVERY_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
