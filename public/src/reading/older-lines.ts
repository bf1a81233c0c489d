import { requestBody } from '../connection/page-request.ts';
import { type ControlData, type Envelope, parseJson, toEnvelope } from '../connection/protocol.ts';
import type { Note } from '../log/lines.ts';
import { noteWords } from '../status/note-words.ts';
import { LineTimes, type TimedLine } from './line-times.ts';

/** What is older of one feed than what has been given: some lines that are here, and where the service has more. */
export class OlderLines {
  readonly name: string;
  readonly source: number;
  /** The oldest first. */
  #lines: TimedLine[] = [];
  /** Behind its oldest line here; undefined where there is nothing older, or it is not to be merged. */
  #before: { readonly cursor: string; readonly overlap: 0 | 1 } | undefined;
  #oldestMs: number | undefined;
  /** What is told where its lines begin. */
  #notes: Note[] = [];
  /** Nothing tells the times of its lines, so older ones could only be put anywhere. */
  isTimeless = false;

  constructor(name: string, source: number) {
    this.name = name;
    this.source = source;
  }

  /** What the stream opens with: `asked` lines, or all there are. */
  begin(lines: readonly TimedLine[], asked: number, nowMs: number): void {
    const [first] = lines;
    const isAll = lines.length < asked;
    this.isTimeless = !isAll && lines.every(({ own }) => own === undefined);
    this.#lines = inOrder(lines, nowMs);
    this.#oldestMs = this.#lines[0]?.orderMs;
    this.#before = isAll || this.isTimeless || first === undefined ? undefined : { cursor: first.id, overlap: 1 };
    if (this.isTimeless)
      this.#notes.push({ tone: 'plain', words: `older lines of ${this.name} tell no times: open it by itself to read them` });
  }

  /** Whether its newest line is known, or that there is none. */
  get isReady(): boolean {
    return this.#lines.length > 0 || this.#before === undefined;
  }

  get newestMs(): number | undefined {
    return this.#lines.at(-1)?.orderMs;
  }

  get newestUnit(): number | undefined {
    return this.#lines.at(-1)?.unit;
  }

  take(): TimedLine | undefined {
    return this.#lines.pop();
  }

  /** What is told before the line that was taken last, once nothing of it is left here. */
  takeNotes(): Note[] {
    return this.#lines.length > 0 ? [] : this.#notes.splice(0);
  }

  /** Asks for more, where none is here. Throws where the service does not answer. */
  async fill(count: number, signal: AbortSignal): Promise<void> {
    while (!this.isReady && this.#before !== undefined) {
      const { cursor, overlap } = this.#before;
      const { body } = await requestBody(this.name, { before: cursor }, signal, count + overlap);
      this.#take(body, overlap);
    }
  }

  #take(body: string, overlap: 0 | 1): void {
    const nowMs = Date.now();
    const times = new LineTimes(this.source);
    const lines: TimedLine[] = [];
    let open: ControlData & { readonly id?: string } = {};
    for (const line of body.split('\n')) {
      const parsed = parseJson(line);
      const envelope: Envelope | undefined = toEnvelope(parsed);
      if (envelope !== undefined) lines.push(times.next(envelope, nowMs));
      else open = this.#control(parsed) ?? open;
    }
    if (overlap === 1) lines.pop();
    this.#lines = inOrder(lines, this.#oldestMs ?? nowMs);
    this.#oldestMs = this.#lines[0]?.orderMs ?? this.#oldestMs;
    const isEnd = open.atOldest === true || open.start === 'gap' || open.id === undefined;
    this.#before = isEnd || open.id === undefined ? undefined : { cursor: open.id, overlap: 0 };
  }

  #control(parsed: unknown): (ControlData & { readonly id?: string }) | undefined {
    const { type, data, id } = (parsed ?? {}) as { type?: string; data?: ControlData; id?: string };
    if (data === undefined || (type !== 'feed.open' && type !== 'feed.gap')) return undefined;
    if (type === 'feed.open') return { ...data, ...(id === undefined ? {} : { id }) };
    const note = noteWords(type, data, this.name, Date.now(), this.name);
    if (note !== undefined) this.#notes.push(note);
    return undefined;
  }
}

/** Within its feed a line never comes before the one before it; those at the start that belong to a line before come right before the next. */
function inOrder(lines: readonly TimedLine[], otherwiseMs: number): TimedLine[] {
  let orderMs = lines.find((line) => !Number.isNaN(line.orderMs))?.orderMs ?? otherwiseMs;
  return lines.map((line) => {
    if (line.orderMs > orderMs) orderMs = line.orderMs;
    return { ...line, orderMs };
  });
}
