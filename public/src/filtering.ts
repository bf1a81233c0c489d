import type { Level } from './log/level.ts';
import type { Reader } from './places/reader.ts';
import type { LogView } from './view/log-view.ts';

export interface FilteringOptions {
  readonly view: LogView;
  readonly reader: Reader;
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
    const { view } = this.#options;
    if (levels.join() !== [...view.onlyLevels].join()) {
      view.onlyLevels.clear();
      for (const level of levels) view.onlyLevels.add(level);
      view.setFilter(text);
    } else if (text !== view.filterText) view.setFilter(text);
  }

  set(text: string): void {
    this.#choose(() => this.#options.view.setFilter(text));
  }

  toggleLevel(level: Level): void {
    this.#choose(() => this.#options.view.toggleLevel(level));
  }

  clear(): void {
    this.#options.view.onlyLevels.clear();
    this.set('');
  }

  #choose(change: () => void): void {
    this.#options.reader.context = undefined;
    change();
    this.#options.chosen();
  }
}
