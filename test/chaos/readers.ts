import { setTimeout as delay } from 'node:timers/promises';
import { EventSource } from 'eventsource';
import type { Scope } from '../e2e/child.ts';
import { CONTROL_TYPES } from '../e2e/seen.ts';
import { type Connection, connect, type Wire } from './http-frames.ts';
import type { Break, ReaderPlan } from './plan.ts';
import { ReaderNotes } from './reader-notes.ts';

const BACK_AFTER_MS = 50;

/** Reads `url` from its oldest line on, is cut and stalled as `plan` says, and comes back with the last id it had, until `scope` ends. */
export function startReader(scope: Scope, who: string, url: string, plan: ReaderPlan): ReaderNotes {
  const notes = new ReaderNotes(`${who} (${plan.by})`, url);
  if (plan.by === 'eventsource') listen(scope, notes);
  else new BrokenReader(notes, plan.by, plan.breaks).start(scope);
  return notes;
}

/** The client of npm that does what the HTML standard says: it comes back by itself. */
function listen(scope: Scope, notes: ReaderNotes): void {
  const source = new EventSource(`${notes.url}?since=start`);
  let lastId = '';
  const listener = (type: string) => (event: { readonly data: string; readonly lastEventId: string }) => {
    notes.take({ type, data: event.data, id: event.lastEventId }, lastId);
    lastId = event.lastEventId;
  };
  for (const type of ['message', ...CONTROL_TYPES]) source.addEventListener(type, listener(type));
  source.addEventListener('error', () => {
    if (source.readyState === source.CLOSED && !notes.isOver) notes.broken('EventSource has closed for good');
  });
  scope.after(async () => {
    notes.isOver = true;
    source.close();
  });
}

/** A reader over a connection of our own, that things happen to. */
class BrokenReader {
  readonly #notes: ReaderNotes;
  readonly #wire: Wire;
  readonly #breaks: readonly Break[];
  #connection: Connection | undefined;
  #lastId = '';

  constructor(notes: ReaderNotes, wire: Wire, breaks: readonly Break[]) {
    this.#notes = notes;
    this.#wire = wire;
    this.#breaks = breaks;
  }

  start(scope: Scope): void {
    const timers = this.#breaks.map((each) => setTimeout(() => void this.#break(each), each.afterMs));
    scope.after(async () => {
      this.#notes.isOver = true;
      for (const timer of timers) clearTimeout(timer);
      this.#connection?.cut();
    });
    this.#connect(0);
  }

  #connect(afterMs: number): void {
    setTimeout(() => {
      if (this.#notes.isOver) return;
      const asked = this.#lastId;
      this.#connection = connect(`${this.#notes.url}?since=start`, {
        wire: this.#wire,
        lastId: asked,
        onFrame: (frame) => {
          if (frame.id !== undefined) this.#lastId = frame.id;
          this.#notes.take(frame, asked);
        },
        onEnd: (why) => this.#onEnd(why),
      });
    }, afterMs);
  }

  #backAfterMs = BACK_AFTER_MS;

  #onEnd(why: string): void {
    if (why.startsWith('answered')) this.#notes.broken(why);
    this.#connection = undefined;
    this.#connect(this.#backAfterMs);
    this.#backAfterMs = BACK_AFTER_MS;
  }

  async #break({ kind, forMs }: Break): Promise<void> {
    const connection = this.#connection;
    if (kind === 'cut') {
      this.#backAfterMs = forMs;
      return connection?.cut();
    }
    connection?.stall();
    await delay(forMs);
    connection?.goOn();
  }
}
