/** What a start has opened so far: closed at the stop, or where the start fails halfway, the last first. */
export class Opened {
  readonly #stopping = new AbortController();
  readonly #closes: (() => unknown)[] = [];

  /** Aborted before anything is closed. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  add(close: () => unknown): void {
    this.#closes.push(close);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Closes all there is, also where something cannot be closed; rejects with the first reason. */
  async close(): Promise<void> {
    this.stop();
    const errors: unknown[] = [];
    for (const close of this.#closes.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
