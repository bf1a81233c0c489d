import type { Added } from '../log/chunk-store.ts';
import { countOf } from '../units.ts';

/** A screen reader that is told every line says nothing else: so often at most. */
const EVERY_MS = 5_000;
/** What comes at first is what was there before. */
const OPENING_MS = 1_500;

/** Tells in words what has come, summed up: `14 new lines, 2 errors`. */
export class News {
  readonly #say: (words: string) => void;
  #lines = 0;
  #errors = 0;
  #saidMs = 0;
  #quietUntilMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (words: string) => void) {
    this.#say = say;
  }

  /** Another feed is shown. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lines = 0;
    this.#errors = 0;
    this.#quietUntilMs = performance.now() + OPENING_MS;
  }

  add(added: readonly Added[]): void {
    const nowMs = performance.now();
    if (nowMs < this.#quietUntilMs) return;
    for (const each of added) this.#count(each);
    if (this.#lines === 0) return;
    this.#timer ??= setTimeout(() => this.#tell(), Math.max(0, this.#saidMs + EVERY_MS - nowMs));
  }

  #count({ chunk, from }: Added): void {
    for (let index = from; index < chunk.count; index += 1) {
      if (chunk.isNote(index)) continue;
      this.#lines += 1;
      if (chunk.level(index) === 'error' && !chunk.isContinued(index)) this.#errors += 1;
    }
  }

  #tell(): void {
    this.#timer = undefined;
    this.#saidMs = performance.now();
    this.#say(newsWords(this.#lines, this.#errors));
    this.#lines = 0;
    this.#errors = 0;
  }
}

export function newsWords(lines: number, errors: number): string {
  return `${countOf(lines, 'new line')}${errors === 0 ? '' : `, ${countOf(errors, 'error')}`}`;
}
