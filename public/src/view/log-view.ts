import { hasAnsi, plainText } from '../log/ansi.ts';
import { type Filter, matches, NO_FILTER, parseFilter } from '../log/filter.ts';
import type { Level } from '../log/level.ts';
import type { LineStore } from '../log/line-store.ts';
import type { Row } from '../log/row.ts';
import { findTime } from '../log/timestamp.ts';
import type { Preferences } from '../preferences.ts';
import { LogList } from './log-list.ts';

/** `following` the newest line; `reading` further up, while lines come below; `paused`: nothing is added until it ends. */
export type Mode = 'following' | 'reading' | 'paused';

/** What of a feed's rows is seen: the filter, and whether the view follows, is read in, or is held. */
export class LogView {
  readonly list: LogList;
  readonly onlyLevels = new Set<Level>();
  filterText = '';
  mode: Mode = 'following';
  /** Lines that the filter lets through and that came since the view stopped following. */
  newLines = 0;
  #filter: Filter = NO_FILTER;
  #store: LineStore | undefined;
  #times: Preferences['times'] = 'clock';
  /** While paused: the first row that is not shown yet. */
  #heldFrom = 0;
  #unfinished: string | null = null;

  constructor(scroller: HTMLElement, afterDraw: () => void) {
    this.list = new LogList(scroller, { filter: NO_FILTER, times: 'clock' }, afterDraw);
  }

  show(store: LineStore | undefined): void {
    this.#store = store;
    this.list.clear();
    this.follow();
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) {
      if (!this.#passes(row)) continue;
      if (this.mode !== 'following' && row.kind === 'line') this.newLines += 1;
      if (this.mode !== 'paused') this.list.append(row);
    }
    this.list.rows.dropBefore(this.#store?.firstSeq ?? 0);
  }

  showUnfinished(text: string | null): void {
    this.#unfinished = text;
    if (this.mode !== 'paused') this.list.showUnfinished(text);
  }

  follow(): void {
    const wasPaused = this.mode === 'paused';
    this.mode = 'following';
    this.newLines = 0;
    if (wasPaused) this.#release();
    this.list.following = true;
  }

  pause(): void {
    if (this.mode === 'paused') return;
    if (this.mode === 'following') this.newLines = 0;
    this.mode = 'paused';
    this.#heldFrom = this.#store?.nextSeq ?? 0;
    this.list.following = false;
  }

  read(): void {
    if (this.mode !== 'following') return;
    this.mode = 'reading';
    this.newLines = 0;
    this.list.following = false;
  }

  setFilter(text: string): void {
    this.filterText = text;
    this.#filter = parseFilter(text);
    this.#refilter();
    this.list.setLook({ filter: this.#filter, times: this.#times });
  }

  toggleLevel(level: Level): void {
    if (!this.onlyLevels.delete(level)) this.onlyLevels.add(level);
    this.#refilter();
  }

  clearFilter(): void {
    this.onlyLevels.clear();
    this.setFilter('');
  }

  setPreferences({ times, wrap }: Preferences): void {
    this.#times = times;
    this.list.setLook({ filter: this.#filter, times });
    this.list.measure(wrap);
  }

  /** Lines that are kept and not shown because of the filter. */
  get hidden(): number {
    const held = this.mode === 'paused' ? this.newLines : 0;
    return Math.max(0, (this.#store?.lines ?? 0) - this.list.rows.lines - held);
  }

  *shownRows(): IterableIterator<Row> {
    for (const row of this.#store?.rows() ?? []) if (this.#passes(row)) yield row;
  }

  /** The time of the first line that can be seen. */
  topMs(): number | undefined {
    const row = this.list.rows.at(this.list.seen().first);
    if (row?.kind !== 'line') return undefined;
    return findTime(row.text.slice(0, 200), Date.now())?.ms ?? row.time ?? undefined;
  }

  #refilter(): void {
    this.list.replace(this.#rowsInView());
    if (this.mode === 'paused') this.newLines = this.#countHeld();
    if (this.mode === 'reading') this.newLines = 0;
  }

  *#rowsInView(): IterableIterator<Row> {
    for (const row of this.shownRows()) if (this.mode !== 'paused' || row.seq < this.#heldFrom) yield row;
  }

  #countHeld(): number {
    let count = 0;
    for (const row of this.shownRows()) if (row.kind === 'line' && row.seq >= this.#heldFrom) count += 1;
    return count;
  }

  /** What came while the view was paused takes its place. */
  #release(): void {
    for (const row of this.shownRows()) if (row.seq >= this.#heldFrom) this.list.append(row);
    this.list.rows.dropBefore(this.#store?.firstSeq ?? 0);
    this.list.showUnfinished(this.#unfinished);
  }

  #passes(row: Row): boolean {
    if (row.kind === 'note') return true;
    if (this.onlyLevels.size > 0 && (row.level === undefined || !this.onlyLevels.has(row.level))) return false;
    return this.#filter === NO_FILTER || matches(this.#filter, hasAnsi(row.text) ? plainText(row.text) : row.text);
  }
}
