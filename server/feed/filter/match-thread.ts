import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Answer, Fault, Question, Rule, Texts } from './match-messages.ts';

/** Nobody knows whether what was asked holds: the thread has ended, or does not answer. */
export class MatchingFailed extends Error {
  override readonly name = 'MatchingFailed';
}

export interface MatchThreadOptions {
  /** Told each time the thread ends by itself. */
  readonly onFailure: (error: MatchingFailed) => void;
  /** One question takes well below a second; a thread that is silent for so long is ended, ms. */
  readonly silenceMs?: number;
}

interface Asked {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: MatchingFailed) => void;
}

type Unnumbered = Question extends infer Each ? (Each extends Question ? Omit<Each, 'id'> : never) : never;

/** The thread holds copies of this many batches at most; who asks more waits. */
const MAX_ASKED = 8;
const MAX_HEAP_MB = 256;

/** The one thread in which patterns of users are tried. It begins with the first question, and again after it has failed. */
export class MatchThread {
  readonly #options: MatchThreadOptions;
  readonly #asked = new Map<number, Asked>();
  readonly #waiting: (() => void)[] = [];
  #places = MAX_ASKED;
  #worker: Worker | undefined;
  #silence: NodeJS.Timeout | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: MatchThreadOptions) {
    this.#options = options;
  }

  /** Which of `patterns` cannot be tried, and why. Throws MatchingFailed. */
  async check(patterns: readonly string[]): Promise<readonly Fault[]> {
    const answer = await this.#inTurn(() => this.#ask({ check: patterns }, []));
    return 'faults' in answer ? answer.faults : [];
  }

  /** 1 for each text of which `rule` holds. The texts are made when it is their turn. Throws MatchingFailed. */
  async match(rule: Rule, makeTexts: () => Texts): Promise<Uint8Array> {
    const answer = await this.#inTurn(() => {
      const texts = makeTexts();
      return this.#ask({ rule, texts }, [texts.bytes.buffer, texts.ends.buffer]);
    });
    return 'holds' in answer ? answer.holds : new Uint8Array();
  }

  /** Ends the thread; what is asked is not answered any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end(new MatchingFailed('the service ends'))?.terminate();
  }

  async #inTurn<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#places > 0) this.#places -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await ask();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#places += 1;
      else next();
    }
  }

  #ask(question: Unnumbered, transfer: ArrayBuffer[]): Promise<Answer> {
    if (this.#isClosed) return Promise.reject(new MatchingFailed('the service ends'));
    this.#worker ??= this.#begin();
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<Answer>((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    // It keeps the process alive only as long as somebody waits for it.
    this.#worker.ref();
    this.#worker.postMessage({ ...question, id }, transfer);
    this.#silence ??= this.#waitForWord();
    return answer;
  }

  #begin(): Worker {
    const worker = startWorker();
    const fail = (why: string, cause?: unknown) => {
      if (this.#worker !== worker) return;
      const error = new MatchingFailed(`the thread that tries patterns has ended: ${why}`, { cause });
      this.#end(error);
      this.#options.onFailure(error);
    };
    worker.on('message', (answer: Answer) => this.#hear(answer));
    worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error), error));
    worker.on('exit', (code) => fail(`exit ${code}`));
    worker.unref();
    return worker;
  }

  #hear(answer: Answer): void {
    clearTimeout(this.#silence);
    const asked = this.#asked.get(answer.id);
    this.#asked.delete(answer.id);
    this.#silence = this.#asked.size === 0 ? undefined : this.#waitForWord();
    if (this.#asked.size === 0) this.#worker?.unref();
    asked?.resolve(answer);
  }

  #waitForWord(): NodeJS.Timeout {
    const { silenceMs = 30_000, onFailure } = this.#options;
    return setTimeout(() => {
      const error = new MatchingFailed(`the thread that tries patterns has not answered for ${silenceMs} ms`);
      void this.#end(error)?.terminate();
      onFailure(error);
    }, silenceMs).unref();
  }

  /** Nobody waits any longer; the next question begins a new thread. */
  #end(error: MatchingFailed): Worker | undefined {
    const worker = this.#worker;
    this.#worker = undefined;
    clearTimeout(this.#silence);
    this.#silence = undefined;
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const { reject } of asked) reject(error);
    return worker;
  }
}

/** From dist/ as it is; where the sources are run, tsx has to be told again, since Node 20 does not pass it on to threads. */
function startWorker(): Worker {
  const extension = extname(import.meta.url);
  const url = new URL(`./match-worker${extension}`, import.meta.url);
  const limits = { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB }, execArgv: [] };
  if (extension !== '.ts') return new Worker(url, limits);
  const start = `
    const { tsx, url } = require('node:worker_threads').workerData;
    import(tsx).then(({ register }) => { register(); return import(url); });`;
  return new Worker(start, { ...limits, eval: true, workerData: { tsx: import.meta.resolve('tsx/esm/api'), url: url.href } });
}
