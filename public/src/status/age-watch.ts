import { compareVersions, fetchPageVersion, parsePageVersion, type ServiceAge } from './page-version.ts';

/** Whether the service that is back after a loss is the one that this page is of. */
export class AgeWatch {
  readonly #redraw: () => void;
  age: ServiceAge = 'same';
  #wasLive = false;

  constructor(redraw: () => void) {
    this.#redraw = redraw;
  }

  /** The connection is live, for the first time or again: another version may have taken the service's place meanwhile. */
  live(): void {
    if (this.#wasLive) void this.#compare();
    this.#wasLive = true;
  }

  async #compare(): Promise<void> {
    const own = parsePageVersion(document.querySelector('meta[name=livefeed]')?.outerHTML ?? '');
    const its = await fetchPageVersion();
    if (own === undefined || its === undefined) return;
    this.age = compareVersions(own, its);
    this.#redraw();
  }
}
