import type { Level } from '../log/level.ts';
import type { Preferences } from '../preferences.ts';

/** What the reader can do with a control of the page. Each view names those that it offers. */
export interface Actions {
  find(): void;
  toggleFavourite(name: string): void;
  /** Shows a feed together with those that are open, or without it. */
  toggleTogether(name: string): void;
  /** Folds a group of feeds in the list, or unfolds it. */
  toggleGroup(title: string): void;
  setFilter(text: string): void;
  focusFilter(): void;
  clearFilter(): void;
  toggleLevel(level: Level): void;
  toggleFollow(): void;
  copyAll(): void;
  /** Of the selected lines, else the current one, else what is shown. */
  shareLink(): void;
  shareText(): void;
  shareJson(): void;
  shareCurl(): void;
  download(): void;
  toggleContext(): void;
  showOldest(): void;
  askTime(): void;
  /** Colours a text wherever it stands, or no more. */
  toggleHighlight(text: string): void;
  follow(): void;
  prefer(change: Partial<Preferences>): void;
  showKeys(): void;
  tryNow(): void;
  reload(): void;
  /** Says no more that the service has another page than this one. */
  dismissAge(): void;
}
