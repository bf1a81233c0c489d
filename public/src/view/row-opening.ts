/** What a click or a key on a row can ask for. */
export interface RowActions {
  /** Somebody goes from row to row, so they must not move on. */
  read(): void;
  /** The row is opened or closed: it is looked at. */
  toggle(seq: number): void;
  filterBy(term: string, not: boolean): void;
  copy(text: string): void;
  copyLine(seq: number): void;
}

/**
 * Opens rows and does what their buttons say. One listener for all rows: they come and go by the thousand. Tab goes from one opener that
 * is seen to the next, not through the hundreds that are drawn beyond the view.
 */
export function listenToRows(scroller: HTMLElement, actions: RowActions): void {
  scroller.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest<HTMLElement>('.row');
    if (target === null || row === null || row === undefined) return;
    const button = target.closest<HTMLElement>('button');
    const seq = Number(row.dataset.seq);
    if (button?.classList.contains('act')) act(button.dataset, seq, actions);
    else if (button?.classList.contains('opener')) toggleAndKeepFocus(scroller, seq, actions);
    else if (canToggle(row, target)) actions.toggle(seq);
  });
  scroller.addEventListener('keydown', (event) => {
    if (event.key !== 'Tab' || event.ctrlKey || event.altKey || event.metaKey) return;
    const next = neighbour(scroller, event.target, event.shiftKey ? -1 : 1);
    if (next === undefined) return;
    event.preventDefault();
    actions.read();
    next.focus({ preventScroll: true });
  });
}

function act({ only, hide, copy, copyLine }: DOMStringMap, seq: number, actions: RowActions): void {
  if (only !== undefined) actions.filterBy(only, false);
  else if (hide !== undefined) actions.filterBy(hide, true);
  else if (copy !== undefined) actions.copy(copy);
  else if (copyLine !== undefined) actions.copyLine(seq);
}

/** The button is drawn anew with its row. */
function toggleAndKeepFocus(scroller: HTMLElement, seq: number, actions: RowActions): void {
  actions.toggle(seq);
  scroller.querySelector<HTMLElement>(`.row[data-seq="${seq}"] .opener`)?.focus({ preventScroll: true });
}

/** A click opens a line that is cut off or has fields, and closes it again; one that ends a selection does not, nor one in what was opened. */
function canToggle(row: HTMLElement, target: Element): boolean {
  if (getSelection()?.isCollapsed === false || target.closest('.details') !== null || row.classList.contains('unfinished'))
    return false;
  if (row.querySelector('.opener') !== null || row.classList.contains('open')) return true;
  const message = row.querySelector('.message');
  return message !== null && message.scrollWidth > message.clientWidth;
}

/** The opener to go to; undefined where the browser's own order holds: out of the log, or into and among what is open. */
function neighbour(scroller: HTMLElement, from: EventTarget | null, step: -1 | 1): HTMLElement | undefined {
  if (!(from instanceof HTMLElement)) return undefined;
  const opener = from.closest('.row')?.querySelector<HTMLElement>('.opener') ?? undefined;
  const details = from.closest('.details');
  if (details !== null) return step < 0 && details.querySelector('button') === from ? opener : undefined;
  const seen = openersInView(scroller);
  if (from === scroller) return step > 0 ? seen[0] : undefined;
  if (step > 0 && opener?.closest('.row')?.querySelector('.details') != null) return undefined;
  const at = seen.indexOf(from);
  return step < 0 && at <= 0 ? scroller : seen[at + step];
}

function openersInView(scroller: HTMLElement): HTMLElement[] {
  const { top, bottom } = scroller.getBoundingClientRect();
  return [...scroller.querySelectorAll<HTMLElement>('.opener')].filter((button) => {
    const box = button.getBoundingClientRect();
    return box.bottom > top && box.top < bottom;
  });
}
