import { requestPage } from '../connection/page-request.ts';
import { isTogether } from '../feeds/together.ts';
import { SharedStreams } from '../tabs/shared-streams.ts';
import { FeedMemo, LineReader } from './line-reader.ts';
import { MergedMemo, MergedReader } from './merged-reader.ts';
import { buffersOf, type Post, type Request } from './messages.ts';

/** Does what the page asks, in a worker or, where there is none, in the page itself. */
export class Desk {
  readonly #post: Post;
  readonly #readers = new Map<number, LineReader | MergedReader>();
  readonly #pages = new Map<number, AbortController>();
  #memo: FeedMemo | MergedMemo | undefined;
  #shared: SharedStreams | undefined;

  constructor(post: Post) {
    this.#post = post;
  }

  handle(request: Request): void {
    switch (request.do) {
      case 'open':
        this.#open(request);
        break;
      case 'close':
        this.#readers.get(request.stream)?.close();
        this.#readers.delete(request.stream);
        break;
      case 'taken':
        this.#readers.get(request.stream)?.taken();
        break;
      case 'page':
        void this.#page(request);
        break;
      case 'older':
        void this.#older(request);
        break;
      case 'abort':
        this.#pages.get(request.page)?.abort();
        break;
      case 'share':
        if (this.#shared !== undefined) this.#shared.use(request.port);
        else this.#shared = new SharedStreams(request.port, { renew: () => this.#post({ is: 'share' }) });
        break;
      case 'read-alone':
        this.#shared?.readAlone();
    }
  }

  #open({ stream, feed, url, seen }: Request & { do: 'open' }): void {
    if (this.#memo?.feed !== feed) this.#memo = isTogether(feed) ? new MergedMemo(feed) : new FeedMemo(feed, seen);
    this.#readers.set(stream, this.#reader(stream, url, this.#memo));
  }

  /** Several feeds at once are read by a connection of their own: it has a place in all of them, which the shared one has not. */
  #reader(stream: number, url: string, memo: FeedMemo | MergedMemo): LineReader | MergedReader {
    if (memo instanceof MergedMemo) {
      const merged = new MergedReader(stream, memo, this.#post);
      void merged.open(url);
      return merged;
    }
    const reader = new LineReader(stream, memo, this.#post);
    void reader.open(url, this.#shared?.read);
    return reader;
  }

  async #page({ page, feed, place, limit, asked }: Request & { do: 'page' }): Promise<void> {
    const abort = new AbortController();
    this.#pages.set(page, abort);
    const answer = await requestPage(feed, place, abort.signal, limit, asked).catch(() => undefined);
    this.#pages.delete(page);
    this.#post({ is: 'page', page, answer }, answer === undefined ? [] : buffersOf(answer.lines));
  }

  async #older({ page, feed }: Request & { do: 'older' }): Promise<void> {
    const abort = new AbortController();
    this.#pages.set(page, abort);
    const memo = this.#memo;
    const isOpen = memo instanceof MergedMemo && memo.feed === feed;
    const answer = isOpen ? await memo.past.older(abort.signal).catch(() => undefined) : undefined;
    this.#pages.delete(page);
    this.#post({ is: 'older', page, answer }, answer === undefined ? [] : buffersOf(answer.lines));
  }
}
