/** Lets what is done with one thing be done one after the other. */
export class Turns<Thing> {
  readonly #last = new Map<Thing, Promise<unknown>>();

  /** Whether something is done with `thing`, or waits to be. */
  isTaken(thing: Thing): boolean {
    return this.#last.has(thing);
  }

  /** Does `work` when all that was asked for before on `thing` is done, however that ended. */
  async take<Result>(thing: Thing, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(thing) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(thing, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(thing) === mine) this.#last.delete(thing);
    }
  }
}
