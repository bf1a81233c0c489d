import { isTogether } from '../feeds/together.ts';
import type { Place } from '../log/chunk-store.ts';
import type { Filter } from '../log/filter.ts';
import type { Level } from '../log/level.ts';
import type { LogView } from '../view/log-view.ts';
import { type Anchor, anchorOf, LINE_BEFORE } from './anchor.ts';
import { CurrentLine } from './current-line.ts';
import { type FeedLines, findLine, LineGone } from './find-line.ts';
import { LinkedLines } from './linked-lines.ts';
import { isSame, Marks } from './marks.ts';
import { noMore, Seeker } from './seeker.ts';
import { TimeSearch } from './time-search.ts';
import { ERRORS, findsOf, type Wanted } from './wanted.ts';

export interface ReaderOptions {
  readonly view: LogView;
  readonly scroller: HTMLElement;
  /** What the page has of the open feed. */
  lines(): FeedLines | undefined;
  /** Leaves the end of the log, and shows that. */
  leaveEnd(): void;
  /** What comes next is far away: Back leads here. */
  leavePlace(): void;
  setFilter(text: string, levels: readonly Level[]): void;
  /** Tells in a few words what a key did, where that cannot be seen. */
  tell(words: string | undefined): void;
  speak(words: string): void;
  redraw(): void;
}

/** What the filter was, while a line is shown among those that it hides. */
export interface Context {
  readonly filter: string;
  readonly levels: readonly Level[];
}

/** Where the reader is in the log: the current line, marks, the lines of a link; and how one goes from line to line. */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #line: CurrentLine;
  readonly #seeker: Seeker;
  readonly #times: TimeSearch;
  #marks: Marks | undefined;
  readonly #linked = new LinkedLines();
  #isDecorated = false;
  #going: AbortController | undefined;
  context: Context | undefined;
  /** The lines that the address names. */
  linked: { readonly line: Anchor; readonly count: number } | undefined;
  /** A place that was asked for and is gone. */
  gone: Anchor | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    const isLoaded = ({ chunk }: Place) => options.lines()?.store.chunks.includes(chunk) === true;
    this.#line = new CurrentLine({ ...options, isLoaded });
    this.#seeker = new Seeker(options);
    this.#times = new TimeSearch(options.tell);
    options.scroller.addEventListener('click', ({ target }) => {
      if (target instanceof Element && getSelection()?.isCollapsed !== false) this.#choose(target);
    });
  }

  /** Another feed. */
  restart(): void {
    this.#going?.abort();
    this.#seeker.stop();
    this.#times.stop();
    this.#line.clear();
    this.#linked.clear();
    this.linked = undefined;
    this.context = undefined;
    this.gone = undefined;
    const lines = this.#options.lines();
    this.#marks = lines && new Marks(lines.store, isTogether(lines.name));
  }

  get current(): Place | undefined {
    return this.#line.place;
  }

  get marks(): Marks | undefined {
    return this.#marks;
  }

  move(step: 1 | -1): void {
    const { view, leaveEnd } = this.#options;
    if (view.mode === 'following' && step === 1) return;
    const from = this.#line.start(step);
    leaveEnd();
    if (from !== undefined) this.#goTo(view.search(from, step, isLine).found ?? from);
  }

  nextError(step: 1 | -1): void {
    void this.#jump(step, ERRORS);
  }

  nextHit(step: 1 | -1, filter: Filter, levels: readonly Level[]): void {
    void this.#jump(step, findsOf(filter, levels));
  }

  /** True where there was a search to stop. */
  stopSearch(): boolean {
    const wasSearching = [this.#seeker.stop(), this.#times.stop()].includes(true);
    if (wasSearching) this.#options.tell('The search was stopped');
    return wasSearching;
  }

  toggleMark(): void {
    const place = this.#line.start(1);
    if (place === undefined) return;
    this.#line.set(place);
    const isMarked = this.#marks?.toggle(place);
    this.#options.tell(
      isMarked === undefined ? 'It cannot be marked yet' : isMarked ? 'Marked · [ and ] go to marks' : 'Not marked any more',
    );
    this.decorate();
  }

  nextMark(step: 1 | -1): void {
    const from = this.#line.start(step);
    const mark = from === undefined ? undefined : this.#marks?.next(from, step);
    if (mark === undefined) this.#options.tell(this.#marks?.size === 0 ? 'No line is marked: m marks one' : noMore(step, 'mark'));
    else void this.#comeTo(mark.anchor ?? mark.place, true);
  }

  /** Back leads to where the reader is now. */
  jumpToAnchor(anchor: Anchor): Promise<void> {
    this.#options.leavePlace();
    return this.goToAnchor(anchor);
  }

  /** The first line of that time, as the lines tell theirs. `isJump`: Back leads to where the reader is now. */
  async goToTime(ms: number, isJump = true): Promise<void> {
    const { lines, tell } = this.#options;
    const feed = lines();
    if (feed === undefined) return;
    try {
      const found = await this.#times.find(feed, ms);
      if (found === undefined) return;
      tell(found.line === undefined ? 'Nothing has come since then' : undefined);
      if (found.line !== undefined) await this.#comeTo(found.line, isJump);
    } catch {
      tell('The service could not find that time just now');
    }
  }

  /** Shows the current line among those that the filter hides, or goes back to the filter; the line stays where it is. */
  toggleContext(): void {
    const { view, setFilter, leaveEnd, leavePlace, tell } = this.#options;
    const place = this.#line.start(1);
    const { context } = this;
    if (context === undefined && view.filterText === '' && view.onlyLevels.size === 0) {
      tell('Nothing is hidden: no filter is set');
      return;
    }
    if (place === undefined) return;
    leaveEnd();
    leavePlace();
    const top = view.list.topOf(place) ?? 0;
    this.#line.set(place);
    this.context = context === undefined ? { filter: view.filterText, levels: [...view.onlyLevels] } : undefined;
    setFilter(context?.filter ?? '', context?.levels ?? []);
    if (place.chunk.sifted === undefined)
      view.list.goTo(view.isShown(place) ? place : (view.search(place, -1, isLine).found ?? place), top);
  }

  /** Goes to a line by its anchor, and marks it and the `count - 1` behind it as the lines that were linked to. */
  async goToAnchor(
    anchor: Anchor,
    { count = 0, top, isCurrent = false }: { count?: number; top?: number; isCurrent?: boolean } = {},
  ): Promise<void> {
    const { lines, leaveEnd, redraw, tell } = this.#options;
    const feed = lines();
    if (feed === undefined) return;
    this.#going?.abort();
    const going = new AbortController();
    this.#going = going;
    try {
      const place = await findLine(feed, anchor, going.signal);
      if (place === undefined || going.signal.aborted) return;
      this.gone = undefined;
      leaveEnd();
      if (count > 0) this.#linked.link(feed.store, place, count);
      if (count > 0) this.linked = { line: anchor, count };
      if (top === undefined) this.#goTo(place);
      else this.#options.view.list.goTo(place, top);
      if (isCurrent) this.#line.set(place);
    } catch (error) {
      if (going.signal.aborted) return;
      if (error instanceof LineGone) this.gone = anchor;
      else tell('The place could not be read just now');
    }
    redraw();
  }

  /** Other rows are drawn, or elsewhere. */
  drew(): void {
    this.#line.drew();
    this.decorate();
  }

  /** Marks the elements that are drawn. */
  decorate(): void {
    const { current } = this;
    const isAnything = current !== undefined || this.#linked.isAny || (this.#marks?.size ?? 0) > 0;
    if (!isAnything && !this.#isDecorated) return;
    this.#isDecorated = isAnything;
    this.#options.view.list.eachDrawn((place, element) => {
      const isCurrent = current !== undefined && isSame(place, current);
      if (isCurrent !== (element.ariaCurrent === 'true')) element.ariaCurrent = isCurrent ? 'true' : null;
      element.toggleAttribute('data-marked', this.#marks?.has(place) === true);
      element.toggleAttribute('data-linked', this.#linked.has(place));
    });
  }

  /** Does what makes lines that were sifted useless. Where the reader is in such, they are fetched again with those around them. */
  async stay(change: () => void): Promise<void> {
    const { view } = this.#options;
    const place = view.mode === 'following' ? undefined : (this.#line.seen ?? view.list.seen()?.first);
    const anchor = place?.chunk.sifted === undefined ? undefined : anchorOf(place);
    const top = place && view.list.topOf(place);
    const isCurrent = place !== undefined && place === this.current;
    change();
    if (anchor !== undefined) await this.goToAnchor(anchor, { top: top ?? 0, isCurrent });
  }

  /** As CurrentLine.hold. */
  hold(change: () => void): void {
    this.#line.hold(change);
  }

  /** No line is the current one any more. True where there was one. */
  leaveLine(): boolean {
    const was = this.current !== undefined || this.#linked.isAny;
    this.#line.set(undefined);
    this.#linked.clear();
    this.linked = undefined;
    this.decorate();
    return was;
  }

  #choose(element: Element): void {
    const place = this.#options.view.list.placeOf(element);
    if (place === undefined || place.chunk.isNote(place.index)) return;
    this.#line.set(place);
    this.decorate();
  }

  /** To the next line of that kind, wherever in the feed it is. */
  async #jump(step: 1 | -1, wanted: Wanted): Promise<void> {
    const found = await this.#seeker.seek(this.#line.start(step), step, wanted);
    if (found === undefined) return;
    if ('cursor' in found) return this.jumpToAnchor({ cursor: found.cursor, skip: LINE_BEFORE });
    this.#options.leaveEnd();
    this.#goTo(found.place);
  }

  async #comeTo(line: Anchor | Place, isJump: boolean): Promise<void> {
    const { view, leaveEnd, leavePlace } = this.#options;
    if (isJump) leavePlace();
    if ('cursor' in line) return this.goToAnchor(line, isJump ? {} : { top: 0 });
    leaveEnd();
    if (isJump) this.#goTo(line);
    else view.list.goTo(line);
  }

  #goTo(place: Place): void {
    this.#line.goTo(place);
    this.decorate();
  }
}

function isLine({ chunk, index }: Place): boolean {
  return !chunk.isNote(index);
}
