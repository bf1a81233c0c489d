import { copyToClipboard } from '../clipboard.ts';

const SAID_MS = 4_000;
const COPIED_IS_TOLD_MS = 2_000;

/** What a key or a copy did, in a few words that stand for a moment. */
export class Saying {
  readonly #redraw: () => void;
  said: string | undefined;
  /** What the copy button says. */
  copied: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(redraw: () => void) {
    this.#redraw = redraw;
  }

  /** Without words, what was said before is over. */
  tell(words: string | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#say(undefined), SAID_MS);
    this.#say(words);
  }

  async copy(text: string, done: string): Promise<void> {
    this.copied = (await copyToClipboard(text)) ? done : 'The browser did not allow it';
    setTimeout(() => {
      this.copied = undefined;
      this.#redraw();
    }, COPIED_IS_TOLD_MS);
    this.#redraw();
  }

  #say(words: string | undefined): void {
    this.said = words;
    this.#redraw();
  }
}
