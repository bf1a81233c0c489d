/** Units of work that are done together: those that come in one turn of the loop, and those that come while others are being done. */
export class GroupCommit<Unit extends { readonly bytes: number }> {
  readonly #commit: (units: readonly Unit[]) => Promise<void>;
  readonly #maxBytes: number;
  #waiting: Unit[] = [];
  #between: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  /** `commit` takes units of at most `maxBytes` together, or one that is larger; it must not reject. */
  constructor(commit: (units: readonly Unit[]) => Promise<void>, maxBytes: number) {
    this.#commit = commit;
    this.#maxBytes = maxBytes;
  }

  add(unit: Unit): void {
    this.#waiting.push(unit);
    this.#running ??= this.#run();
  }

  /** Does `work` while nothing is being committed. */
  between<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#between.push(() => work().then(resolve, reject));
      this.#running ??= this.#run();
    });
  }

  /** Resolves when everything that has been added is done. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0 || this.#between.length > 0) {
      for (const work of this.#between.splice(0)) await work();
      if (this.#waiting.length > 0) await this.#commit(this.#take());
    }
    this.#running = undefined;
  }

  #take(): Unit[] {
    let bytes = 0;
    let count = 0;
    for (const unit of this.#waiting) {
      bytes += unit.bytes;
      if (count > 0 && bytes > this.#maxBytes) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
