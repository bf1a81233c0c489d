/** Lets those who ask go on one after the other, one a loop turn: many who want something that takes time do not hold the loop together. */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#schedule();
    });
  }

  #schedule(): void {
    setImmediate(() => {
      const [first] = this.#waiting;
      first?.();
      this.#waiting.shift();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
