import { withTerm } from './log/field-term.ts';
import { plainTerm } from './log/plain-term.ts';
import type { Page } from './page.ts';
import { Reader } from './places/reader.ts';
import { Sharing } from './share/sharing.ts';
import { element } from './view/element.ts';
import { Finder } from './view/finder.ts';
import { feedRowFacts } from './view/frame.ts';
import { LogMap } from './view/log-map.ts';
import { offerForSelection } from './view/selection-menu.ts';
import { TimeDialog } from './view/time-dialog.ts';

/** Each part of the page is told here what of the page it needs. */

export function readerOf(page: Page): Reader {
  return new Reader({
    view: page.view,
    scroller: page.scroller,
    lines: () => page.open.lines,
    leaveEnd: () => page.leaveEnd(),
    leavePlace: () => page.address.leave(),
    setFilter: (text, levels) => page.do(() => page.filtering.by(text, levels)),
    tell: (words) => page.saying.tell(words),
    speak: (words) => page.speak(words),
    redraw: () => page.draw(),
  });
}

export function sharingOf(page: Page): Sharing {
  return new Sharing({
    view: page.view,
    scroller: page.scroller,
    lines: () => page.open.lines,
    current: () => page.reader.current,
    tell: (words) => page.saying.tell(words),
  });
}

export function timeDialogOf({ open, reader }: Page): TimeDialog {
  return new TimeDialog({
    dialog: element('time-dialog'),
    seenMs: () => open.left?.atMs,
    goToTime: (ms) => void reader.goToTime(ms),
    goToSeen: () => open.left && void reader.jumpToAnchor({ cursor: open.left.cursor, skip: 0 }),
  });
}

export function finderOf(page: Page): Finder {
  const facts = () => ({ entries: page.feeds.entries, rows: feedRowFacts(page) });
  return new Finder(element('finder'), facts, (name) => page.choose(name), page.actions);
}

export function mapOf(page: Page): LogMap {
  return new LogMap({
    canvas: element('map'),
    label: element('place'),
    store: () => page.feed?.store,
    seen: () => page.view.list.seen(),
    isAtEnd: () => page.view.mode === 'following',
    goTo: (byte) => page.goTo(byte),
    hits: (apart) => page.view.hits(apart),
    marks: () => page.reader.marks?.inOrder().map(({ byte }) => byte) ?? [],
  });
}

export function offerSelected({ scroller, view, filtering, actions }: Page): void {
  offerForSelection(scroller, element('selection-menu'), {
    only: (text) => filtering.set(withTerm(view.filterText, plainTerm(text), false)),
    hide: (text) => filtering.set(withTerm(view.filterText, plainTerm(text), true)),
    highlight: (text) => actions.toggleHighlight(text),
  });
}
