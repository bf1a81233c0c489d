import type { Place } from '../log/chunk-store.ts';
import type { LogView } from '../view/log-view.ts';

/** Rows that are kept between the current line and the edges, so that one sees what comes. */
const MARGIN_ROWS = 3;
/** Who comes from afar finds the line so far down: with what led to it above. */
const JUMP_SHARE = 0.4;
const MAX_SPOKEN = 300;

export interface CurrentLineOptions {
  readonly view: LogView;
  readonly scroller: HTMLElement;
  isLoaded(place: Place): boolean;
  speak(words: string): void;
}

/** The line that keys are for, and how the view comes to it. */
export class CurrentLine {
  readonly #options: CurrentLineOptions;
  #place: Place | undefined;
  /** It is about to be drawn where it is wanted. */
  #isUnderWay = false;

  constructor(options: CurrentLineOptions) {
    this.#options = options;
  }

  /** It must still be loaded. */
  get place(): Place | undefined {
    return this.#place !== undefined && this.#options.isLoaded(this.#place) ? this.#place : undefined;
  }

  /** Only where it can be seen. */
  get seen(): Place | undefined {
    const { view, scroller } = this.#options;
    const top = this.place && view.list.topOf(this.place);
    return top !== undefined && top > -1 && top < scroller.clientHeight ? this.place : undefined;
  }

  set(place: Place | undefined): void {
    this.#place = place;
  }

  clear(): void {
    this.#place = undefined;
    this.#isUnderWay = false;
  }

  /** Other rows are drawn, or elsewhere. */
  drew(): void {
    this.#isUnderWay = false;
  }

  /** The place becomes the current line. Where it can be seen nothing moves. */
  goTo(place: Place): void {
    const { view, scroller, speak } = this.#options;
    this.#place = place;
    const drawnTop = view.list.topOf(place);
    // Where it can be seen it stays, and what another key had set out for is given up.
    const stays = this.#isUnderWay ? drawnTop : undefined;
    const wanted = this.#wantedTop(drawnTop, scroller.clientHeight) ?? stays;
    this.#isUnderWay = wanted !== undefined;
    if (wanted !== undefined) view.list.goTo(place, wanted);
    speak(place.chunk.text(place.index).slice(0, MAX_SPOKEN));
  }

  /** The current line, as long as it can be seen; else one starts with the last that is seen for going up, with the first for going down. */
  start(step: 1 | -1): Place | undefined {
    const { view } = this.#options;
    if (this.#isUnderWay || this.seen !== undefined) return this.place;
    const seen = view.list.seen();
    return step === -1 || view.mode === 'following' ? seen?.last : seen?.first;
  }

  /** Does what changes which rows are shown; the current line, where it can be seen, stays at its height. */
  hold(change: () => void): void {
    const { view } = this.#options;
    const { place } = this;
    const top = place === undefined || view.mode === 'following' ? undefined : view.list.topOf(place);
    change();
    if (place !== undefined && top !== undefined && view.isShown(place)) view.list.goTo(place, top);
  }

  #wantedTop(top: number | undefined, height: number): number | undefined {
    const row = Number.parseFloat(getComputedStyle(this.#options.scroller).lineHeight) || 20;
    const margin = MARGIN_ROWS * row;
    if (top === undefined || top < -height || top > 2 * height) return height * JUMP_SHARE;
    if (top < margin) return margin;
    return top > height - margin - row ? height - margin - row : undefined;
  }
}
