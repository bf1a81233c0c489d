/**
 * How lines go on with the one before. `said`: more of what is told (the exception, its cause). `frame`: where it was in the program,
 * which is folded until someone asks.
 */
export type Continuation = 'said' | 'frame' | undefined;

const INDENTED = /^\s+\S/;
/** Java and JavaScript `at`, Python `File`, Rust and C++ numbers, Ruby `from`, Go's places; what was left out is a frame, too. */
const FRAME =
  /^\s+(?:at \S|File "|from \S+:\d+|\d{1,4}: \S|#\d{1,3} \S|\S+\.go:\d+|\[?\.\.\. \d+ (?:more|common frames)|\[Previous line repeated)/;
const MORE = /^\.\.\. \d+ more/;
const CAUSE = /^(?:Caused by: |Suppressed: |Wrapped by: )/;
/** The exception that a logger writes below its own line: `java.io.IOException: closed`, `TypeError: x is not a function`. */
const EXCEPTION = /^(?:[\w$]+\.)*[A-Z][\w$]*(?:Error|Exception|Throwable|Exit|Interrupt|Warning)(?: \[\w+\])?(?::|$)/;
const CLOSING = /^[}\])][,;]?$/;
const PYTHON_TRACE = /^Traceback \(most recent call last\):/;
const PYTHON_AGAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/;
const GO_START = /^(?:panic: |fatal error: |goroutine \d+ \[)/;
const GOROUTINE = /^goroutine \d+ \[/;
/** What tells a line of a trace is near its start, and no pattern may walk through a line of a megabyte. */
const LOOKED_AT = 1_000;
const GO_FRAME = /^(?:goroutine \d+ \[[^\]]*\]:|created by \S|\[signal |exit status \d+|[\w./$*()[\]\-·]+\(.*\)$|\s)/;

/** Follows lines in their order: what a line is depends on those before it. */
export class TraceLines {
  #language: 'python' | 'go' | undefined;
  /** The line before was one of a trace, or of a level at which exceptions are told. */
  #afterTrouble = false;
  #afterFrame = false;

  /** `line` is free of colours; `trouble`: by its own words it is an error or a warning. */
  next(line: string, trouble: boolean): Continuation {
    const text = line.length > LOOKED_AT ? line.slice(0, LOOKED_AT) : line;
    const continuation = this.#inLanguage(text) ?? this.#plain(text);
    this.#afterFrame = continuation === 'frame';
    this.#afterTrouble = continuation !== undefined || trouble;
    return continuation;
  }

  #inLanguage(text: string): Continuation {
    if (PYTHON_TRACE.test(text)) return this.#python(text);
    if (this.#language === 'python') return this.#python(text);
    const wasGo = this.#language === 'go';
    if (GO_START.test(text)) {
      this.#language = 'go';
      return wasGo && GOROUTINE.test(text) ? 'frame' : undefined;
    }
    if (wasGo && (text === '' || GO_FRAME.test(text))) return 'frame';
    this.#language = undefined;
    return undefined;
  }

  /** Indented frames up to the line that names the exception; another trace may follow it. */
  #python(text: string): Continuation {
    const isFirst = this.#language === undefined;
    if (PYTHON_TRACE.test(text)) {
      this.#language = 'python';
      return isFirst && !this.#afterTrouble ? undefined : 'frame';
    }
    if (INDENTED.test(text)) return 'frame';
    if (text === '' || PYTHON_AGAIN.test(text)) return this.#afterTrouble ? 'frame' : undefined;
    if (EXCEPTION.test(text) || (this.#afterFrame && /^[\w.]+(?::|$)/.test(text))) return 'said';
    this.#language = undefined;
    return undefined;
  }

  #plain(text: string): Continuation {
    if (FRAME.test(text) || MORE.test(text)) return 'frame';
    if (INDENTED.test(text)) return this.#afterFrame ? 'frame' : 'said';
    if (CAUSE.test(text)) return 'said';
    if (this.#afterFrame && CLOSING.test(text)) return 'frame';
    return this.#afterTrouble && EXCEPTION.test(text) ? 'said' : undefined;
  }
}
