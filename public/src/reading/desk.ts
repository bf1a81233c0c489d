import { requestPage } from '../connection/page-request.ts';
import { SharedStreams } from '../tabs/shared-streams.ts';
import { FeedMemo, LineReader } from './line-reader.ts';
import { buffersOf, type Post, type Request } from './messages.ts';

/** Does what the page asks, in a worker or, where there is none, in the page itself. */
export class Desk {
  readonly #post: Post;
  readonly #readers = new Map<number, LineReader>();
  readonly #pages = new Map<number, AbortController>();
  #memo: FeedMemo | undefined;
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
    if (this.#memo?.feed !== feed) this.#memo = new FeedMemo(feed, seen);
    const reader = new LineReader(stream, this.#memo, this.#post);
    this.#readers.set(stream, reader);
    void reader.open(url, this.#shared?.read);
  }

  async #page({ page, feed, place, limit, asked }: Request & { do: 'page' }): Promise<void> {
    const abort = new AbortController();
    this.#pages.set(page, abort);
    const answer = await requestPage(feed, place, abort.signal, limit, asked).catch(() => undefined);
    this.#pages.delete(page);
    this.#post({ is: 'page', page, answer }, answer === undefined ? [] : buffersOf(answer.lines));
  }
}
