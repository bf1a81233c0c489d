import { isTogether } from './feeds/together.ts';
import type { Drawn } from './history.ts';
import type { Added, Place } from './log/chunk-store.ts';
import type { Page } from './page.ts';
import { mapOf } from './page-parts.ts';
import type { WantedPlace } from './places/wanted-place.ts';
import { News } from './status/news.ts';
import { HighlightPaint } from './view/highlight-paint.ts';
import type { LogMap } from './view/log-map.ts';

/** Who is told when rows have come, from the end or from the history, and when they have been drawn. */
export class RowFlow {
  readonly #page: Page;
  readonly #wanted: WantedPlace;
  readonly #paint = new HighlightPaint();
  readonly #news: News;
  readonly map: LogMap;

  constructor(page: Page, wanted: WantedPlace) {
    this.#page = page;
    this.#wanted = wanted;
    this.#news = new News((words) => page.speak(words));
    this.map = mapOf(page);
  }

  /** Another feed. */
  restart(): void {
    this.#news.restart();
  }

  /** Rows have come at the end. */
  arrived(added: readonly Added[]): void {
    this.#page.view.add(added);
    this.#news.add(added);
    this.#page.open.history?.measure();
    this.#makeRoom();
    this.#wanted.come();
  }

  /** Rows of the history have come. */
  loaded(): void {
    this.#page.view.changed();
    this.#makeRoom();
    this.map.schedule();
  }

  cameTo(place: Place): void {
    if (this.#page.view.mode !== 'following') this.#page.view.list.goTo(place);
  }

  drew(drawn: Drawn): void {
    const { view, reader, address, open } = this.#page;
    const { history } = open;
    // Who follows sees what is there; only what the filter leaves empty is filled from what came before.
    if (view.mode !== 'following' || view.asked !== undefined) history?.want(drawn);
    view.list.tellEdges(view.mode === 'following' ? { below: view.burst.words } : (history?.edges ?? {}));
    this.map.schedule();
    reader.drew();
    this.#paintHighlights();
    address.settle();
  }

  /** Other texts are to be highlighted. */
  highlight(): void {
    this.#paint.clear();
    this.#paintHighlights();
  }

  #paintHighlights(): void {
    const { highlights, scroller } = this.#page;
    if (highlights.rules.length > 0) this.#paint.paint(scroller.querySelectorAll('.row .message'), highlights.rules);
  }

  /** What is farthest from what is read goes first. */
  #makeRoom(): void {
    const { view, feed } = this.#page;
    // Of feeds together a hole could not be closed again: the oldest goes first, whoever reads it.
    const isAtEnd = view.mode === 'following' || isTogether(feed?.name);
    feed?.store.makeRoom(isAtEnd ? undefined : view.list.seen()?.first.chunk);
  }
}
