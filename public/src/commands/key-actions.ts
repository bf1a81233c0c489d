import { groupFeeds } from '../feeds/groups.ts';
import { parseFilter } from '../log/filter.ts';
import type { Page } from '../page.ts';
import { element } from '../view/element.ts';
import type { KeyActions } from './keys.ts';

/** What the keys of the page do. */
export function keyActions(page: Page): KeyActions {
  const { focusFilter, find, follow, toggleFollow, toggleLevel, copyAll, showKeys } = page.actions;
  const { reader } = page;
  return {
    filter: focusFilter,
    find,
    follow,
    togglePause: toggleFollow,
    scroll: (how) => scroll(page, how),
    neighbour: (step) => chooseNeighbour(page, step),
    line: (step) => reader.move(step),
    nextError: (step) => reader.nextError(step),
    nextHit: (step) => nextHit(page, step),
    mark: () => page.mark(),
    nextMark: (step) => reader.nextMark(step),
    context: () => reader.toggleContext(),
    share: () => element('share-menu').showPopover(),
    time: () => page.timeDialog.open(),
    toggleErrors: () => toggleLevel('error'),
    toggleWrap: () => page.prefer({ wrap: !page.preferences.wrap }),
    copyAll,
    help: showKeys,
    escape: () => leave(page),
  };
}

/** The next line that the filter finds, also while it is shown among others; without a filter one is asked for. */
function nextHit({ reader, view, actions }: Page, step: -1 | 1): void {
  const filter = parseFilter(reader.context?.filter ?? view.filterText);
  if (filter.wanted.length === 0) actions.focusFilter();
  else reader.nextHit(step, filter, reader.context?.levels ?? [...view.onlyLevels]);
}

/** Out of what the reader is in, innermost first. */
function leave({ reader, view, filtering, address, scroller }: Page): void {
  if (reader.stopSearch()) return;
  if (reader.context !== undefined) reader.toggleContext();
  else if (view.filterText !== '' || view.onlyLevels.size > 0) reader.hold(() => filtering.clear());
  else if (reader.leaveLine()) address.tell();
  else scroller.focus();
}

function scroll(page: Page, how: Parameters<KeyActions['scroll']>[0]): void {
  const { view, scroller } = page;
  const { clientHeight } = scroller;
  const line = Number.parseFloat(getComputedStyle(scroller).lineHeight);
  const by = { 'line-up': -line, 'line-down': line, 'page-up': line - clientHeight, 'page-down': clientHeight - line };
  page.open.history?.moved();
  if (how !== 'line-down' && how !== 'page-down') page.do(() => view.read());
  if (view.mode === 'following') return;
  if (how === 'oldest') page.goTo(0);
  else view.list.scrollBy(by[how]);
}

function chooseNeighbour(page: Page, step: -1 | 1): void {
  const { feeds, memory, feed } = page;
  const groups = groupFeeds(feeds.entries.values(), memory.favourites.names);
  const names = groups.flatMap((group) => group.feeds.map(({ name }) => name));
  const at = names.indexOf(feed?.name ?? '');
  const name = names[(at + step + names.length) % names.length];
  if (name !== undefined) page.choose(name);
}
