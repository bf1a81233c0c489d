import type { Level } from './log/level.ts';
import type { Reader } from './places/reader.ts';
import type { LogView } from './view/log-view.ts';

export interface FilteringOptions {
  readonly view: LogView;
  readonly reader: Reader;
  /** Makes another choice of the lines that are shown. */
  change(choose: () => void): void;
  /** The reader has chosen another filter. */
  chosen(): void;
}

/** Every way in which the filter changes. */
export class Filtering {
  readonly #options: FilteringOptions;

  constructor(options: FilteringOptions) {
    this.#options = options;
  }

  /** As an address says, or a line's context needs. */
  by(text: string, levels: readonly Level[]): void {
    const { view, change } = this.#options;
    if (levels.join() === [...view.onlyLevels].join() && text === view.filterText) return;
    change(() => {
      view.onlyLevels.clear();
      for (const level of levels) view.onlyLevels.add(level);
      view.setFilter(text);
    });
  }

  set(text: string): void {
    this.#choose(() => this.#options.view.setFilter(text));
  }

  toggleLevel(level: Level): void {
    this.#choose(() => this.#options.view.toggleLevel(level));
  }

  clear(): void {
    this.#choose(() => {
      this.#options.view.onlyLevels.clear();
      this.#options.view.setFilter('');
    });
  }

  #choose(change: () => void): void {
    this.#options.reader.context = undefined;
    this.#options.change(change);
    this.#options.chosen();
  }
}
