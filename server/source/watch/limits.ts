/** What the system has no more of, by the code of the error that says so. */
const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'no inotify watches are left (sysctl fs.inotify.max_user_watches)',
  EMFILE: 'too many files are open (ulimit -n)',
  ENFILE: 'too many files are open on this system (sysctl fs.file-max)',
};

/** For how long after the last such error the service is said to be at its limit. */
const EPISODE_MS = 120_000;

/** The limits of the system that have been met: told once for each time that it gets so far, not once a file. */
export class Limits {
  readonly #onMet: (why: string) => void;
  readonly #metAt = new Map<string, number>();

  constructor(onMet: (why: string) => void) {
    this.#onMet = onMet;
  }

  /** Which limit `error` says has been met, in words; undefined where it is another error. */
  static wordsFor(error: unknown): string | undefined {
    return WORDS[(error as NodeJS.ErrnoException).code ?? ''];
  }

  /** Takes note of an error at `now` (performance.now). Whether it was one of a limit. */
  note(error: unknown, now: number): boolean {
    const words = Limits.wordsFor(error);
    if (words === undefined) return false;
    const isNew = !this.current(now).includes(words);
    this.#metAt.set(words, now);
    if (isNew) this.#onMet(words);
    return true;
  }

  /** The limits that are met about now. */
  current(now: number): string[] {
    return [...this.#metAt].filter(([, at]) => now - at < EPISODE_MS).map(([words]) => words);
  }
}
