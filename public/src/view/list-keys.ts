/**
 * Arrows go through a list of feeds, Left and Right fold its groups, `*` makes the feed a favourite, Space shows it together with those that are open: the list is one stop of the Tab
 * key, or two, however long it is. What can have the focus are feeds, titles of groups, and the way to more of them.
 */
export function listenForListKeys(list: HTMLElement): void {
  list.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return;
    const items = [...list.querySelectorAll<HTMLElement>('.group-title, a.feed, .more-feeds')];
    const at = items.indexOf(event.target);
    if (at < 0 || !act(event.key, items, at)) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function act(key: string, items: readonly HTMLElement[], at: number): boolean {
  const item = items[at];
  const goals: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  const goal = goals[key];
  if (goal !== undefined) items[Math.min(Math.max(goal, 0), items.length - 1)]?.focus();
  else if (key === '*') item?.closest('.feed-row')?.querySelector<HTMLElement>('.star')?.click();
  else if (key === ' ' && item?.matches('a.feed') === true)
    item.closest('.feed-row')?.querySelector<HTMLElement>('.with')?.click();
  else if (key === 'ArrowLeft') fold(items, at, 'true');
  else if (key === 'ArrowRight') fold(items, at, 'false');
  else return false;
  return true;
}

/** Left on a feed goes to the title of its group first. */
function fold(items: readonly HTMLElement[], at: number, whileExpanded: 'true' | 'false'): void {
  const title = items.slice(0, at + 1).findLast((item) => item.matches('.group-title'));
  if (title === items[at]) {
    if (title?.getAttribute('aria-expanded') === whileExpanded) title.click();
    else if (whileExpanded === 'false') items[at + 1]?.focus();
  } else if (whileExpanded === 'true') title?.focus();
}
