import { whenGone } from './life.ts';
import type { Links } from './links.ts';
import { LIVE_EVERY_MS, type TabAnswer, type TabRequest } from './messages.ts';
import { TabStream, type TabStreamEnd, type TabStreamOptions } from './tab-stream.ts';
import { parseWanted } from './wanted-stream.ts';

/** A page that the browser has put to sleep says nothing, but once a minute. */
const GONE_MS = 10 * LIVE_EVERY_MS;

export interface TabOptions {
  readonly links: Links;
  readonly base?: string;
  post(answer: TabAnswer): void;
  gone(): void;
}

/** One tab, or a part of it that reads by itself: what it asks for, until it is gone. */
export class Tab {
  readonly #post: (answer: TabAnswer) => void;
  readonly #links: Links;
  readonly #base: string;
  readonly #gone: () => void;
  readonly #streams = new Map<number, TabStream>();
  /** It holds a lock, whose end will tell of its own. */
  #isLocked = false;
  #heardMs = performance.now();

  /** `gone`: nothing comes from it any more. */
  constructor({ post, links, base = '', gone }: TabOptions) {
    this.#post = post;
    this.#links = links;
    this.#base = base;
    this.#gone = gone;
  }

  handle(request: TabRequest): void {
    this.#heardMs = performance.now();
    switch (request.do) {
      case 'open':
        void this.#open(request.stream, request.url);
        break;
      case 'close':
        this.#streams.get(request.stream)?.close();
        break;
      case 'taken':
        this.#streams.get(request.stream)?.taken(request.characters);
        break;
      case 'lock':
        this.#isLocked = true;
        whenGone(request.name, () => {
          this.leave();
          this.#gone();
        });
    }
  }

  /** Lets it go that says nothing any more. One that was only asleep is told, and opens what it wants again. */
  look(): void {
    if (!this.#isLocked && performance.now() - this.#heardMs > GONE_MS) this.leave();
  }

  leave(): void {
    for (const stream of this.#streams.values()) stream.close();
  }

  tell(news: TabAnswer & { is: 'back' | 'lock' }): void {
    this.#post(news);
  }

  async #open(stream: number, url: string): Promise<void> {
    this.#post({ is: 'opening', stream });
    const wanted = parseWanted(url);
    const link = wanted && this.#links.for(wanted.feed);
    const end = wanted === undefined || link === undefined ? 'alone' : await this.#run(stream, { wanted, link });
    this.#post(end === 'alone' ? { is: 'alone', stream } : { is: 'ended', stream, end });
  }

  async #run(stream: number, { wanted, link }: Pick<TabStreamOptions, 'wanted' | 'link'>): Promise<TabStreamEnd> {
    const read = new TabStream({
      base: this.#base,
      wanted,
      link,
      post: (events, characters) => this.#post({ is: 'events', stream, events, characters }),
    });
    this.#streams.set(stream, read);
    const end = await read.run();
    this.#streams.delete(stream);
    return end;
  }
}
