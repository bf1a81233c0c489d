import { formatHash, type Place, parseHash } from './location-hash.ts';

/** A browser lets a page change its address some hundred times a minute at most. */
const SETTLE_MS = 400;

export interface AddressBarOptions {
  /** Where the page is now. */
  place(): Place;
  /** The address has changed: by a link, by Back or Forward, or by hand. */
  open(place: Place): void;
}

/** Keeps the address what the page shows, so that it can be copied, reloaded, and gone back to. */
export class AddressBar {
  readonly #options: AddressBarOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: AddressBarOptions) {
    this.#options = options;
    // A link leads away before the page rests.
    addEventListener('click', () => this.#timer !== undefined && this.tell(), { capture: true });
    // Comes also where Back leads to an address that is the same.
    addEventListener('popstate', () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      options.open(this.place);
    });
  }

  /** What the address says. */
  get place(): Place {
    return parseHash(location.hash);
  }

  /** The page has moved on: once it rests, the address says so. */
  settle(): void {
    this.#timer ??= setTimeout(() => this.tell(), SETTLE_MS);
  }

  /** The address says now what the page shows. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const hash = formatHash(this.#options.place());
    if (hash !== '' && hash !== location.hash) history.replaceState(null, '', hash);
  }

  /** What comes next is another place: Back leads here again. */
  leave(): void {
    this.tell();
    history.pushState(null, '', location.href);
  }
}
