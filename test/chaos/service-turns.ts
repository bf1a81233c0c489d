/** Whether the service is up, as the writer is told; a step may wait for it to be killed. */
export class ServiceTurns {
  #isCalm = false;
  #waiting: (() => void)[] = [];
  readonly #listeners: ((turn: 'down' | 'up') => void)[] = [];

  /** `word`: `down` and `up` as they happen, `calm` when no more kills will come. */
  take(word: string): void {
    if (word === 'calm') this.#isCalm = true;
    else if (word === 'down' || word === 'up') for (const listener of this.#listeners) listener(word);
    if (word === 'up') return;
    for (const go of this.#waiting.splice(0)) go();
  }

  onTurn(listener: (turn: 'down' | 'up') => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves at the next kill, or at once where none will come. */
  async down(): Promise<void> {
    if (!this.#isCalm) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
