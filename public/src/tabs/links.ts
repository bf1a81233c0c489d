import { ALWAYS, Link } from './link.ts';

export interface LinksOptions {
  readonly base?: string;
  /** The service answers, after a time in which it did not, or for the first time. */
  opened(): void;
}

/** So many the service lets one connection read (docs/protocol.md). */
const MAX_FEEDS = 32;
/** A browser gives a host six connections over HTTP/1.1; the others are for requests that end. */
const MAX_LINKS = 3;

/** The connections by which all tabs read: one, as long as that has room. */
export class Links {
  readonly #options: LinksOptions;
  readonly #links = new Set<Link>();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** The connection to read `feed` by: one that does so already, else one with room; undefined where all are full. */
  for(feed: string): Link | undefined {
    const links = [...this.#links];
    const own = feed === ALWAYS ? links[0] : links.find((link) => link.has(feed));
    return own ?? links.find(({ size }) => size < MAX_FEEDS) ?? this.#make();
  }

  get size(): number {
    return this.#links.size;
  }

  #make(): Link | undefined {
    if (this.#links.size === MAX_LINKS) return undefined;
    const link: Link = new Link({
      base: this.#options.base ?? '',
      opened: () => this.#options.opened(),
      over: () => this.#links.delete(link),
    });
    this.#links.add(link);
    return link;
  }
}
