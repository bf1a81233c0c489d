import assert from 'node:assert/strict';
import { linesUrl } from '../../../public/src/connection/address.ts';
import { parseBatch } from '../../../public/src/connection/protocol.ts';
import type { StreamEnd } from '../../../public/src/connection/read-stream.ts';
import type { Links } from '../../../public/src/tabs/links.ts';
import type { TabAnswer } from '../../../public/src/tabs/messages.ts';
import { Tab } from '../../../public/src/tabs/tab.ts';

/** A tab that writes down what it is given, and takes it when it is told to. */
export class TestTab {
  readonly tab: Tab;
  /** Where it keeps up, it takes at once. */
  isSlow = false;
  readonly lines: string[] = [];
  readonly controls: { readonly type: string; readonly data: Record<string, unknown> }[] = [];
  /** Behind the last line or opening. */
  place = '';
  end: StreamEnd | 'alone' | undefined;
  untaken: { readonly stream: number; readonly characters: number }[] = [];
  #stream = 0;

  constructor(links: Links, base: string) {
    this.tab = new Tab({ links, base, post: (answer) => this.#hear(answer), gone: () => undefined });
  }

  /** Follows `feed` from where it was, or anew. */
  open(feed: string, isReturn = false, more = ''): void {
    this.close();
    this.#stream += 1;
    this.end = undefined;
    this.untaken = [];
    if (!isReturn) this.lines.length = 0;
    const place = isReturn ? `&lastEventId=${this.place}` : '';
    this.tab.handle({ do: 'open', stream: this.#stream, url: `${linesUrl(feed)}${place}${more}` });
  }

  close(): void {
    this.tab.handle({ do: 'close', stream: this.#stream });
  }

  take(): void {
    const all = this.untaken;
    this.untaken = [];
    for (const each of all) this.tab.handle({ do: 'taken', ...each });
  }

  #hear(answer: TabAnswer): void {
    if (answer.is === 'back' || answer.is === 'lock' || answer.is === 'opening' || answer.stream !== this.#stream) return;
    if (answer.is === 'ended') this.end = answer.end;
    if (answer.is === 'alone') this.end = 'alone';
    if (answer.is !== 'events') return;
    for (const { type, data, id } of answer.events) {
      if (id !== undefined) this.place = id;
      if (type === 'message') for (const line of parseBatch(data)) this.lines.push(line.data);
      else this.controls.push({ type, data: JSON.parse(data) });
    }
    this.untaken.push({ stream: answer.stream, characters: answer.characters });
    if (!this.isSlow) queueMicrotask(() => this.take());
  }
}

/** Lines are numbered: `line N ...`. Fails where one is missing or comes twice. */
export function assertConsecutive(lines: readonly string[], who: string): void {
  const numbers = lines.map((line) => Number(/line (\d+)/.exec(line)?.[1]));
  const wrong = numbers.findIndex((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1);
  assert.equal(wrong, -1, `${who}: ${numbers.slice(Math.max(0, wrong - 3), wrong + 3)}`);
}
