import { html, render } from 'lit';

export interface SelectionActions {
  only(text: string): void;
  hide(text: string): void;
  highlight(text: string): void;
}

const SETTLE_MS = 150;
const MAX_TEXT = 200;
const GAP_PX = 6;

/** What can be done with text that is selected in a line, beside it. It goes where the selection goes. */
export function offerForSelection(scroller: HTMLElement, box: HTMLElement, actions: SelectionActions): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    const text = selectedText(scroller);
    box.hidden = text === undefined;
    if (text === undefined) return;
    render(
      menu(() => selectedText(scroller), actions),
      box,
    );
    place(box);
  };
  document.addEventListener('selectionchange', () => {
    clearTimeout(timer);
    if (getSelection()?.isCollapsed !== false) box.hidden = true;
    else timer = setTimeout(look, SETTLE_MS);
  });
  scroller.addEventListener('scroll', () => {
    if (!box.hidden) look();
  });
  // A press on a button must not end the selection that it is for.
  box.addEventListener('pointerdown', (event) => event.preventDefault());
}

/** The text is what is selected when a button is pressed: it may have changed since the menu came. */
function menu(selected: () => string | undefined, { only, hide, highlight }: SelectionActions) {
  const act = (action: (text: string) => void) => () => {
    const text = selected();
    getSelection()?.removeAllRanges();
    if (text !== undefined) action(text);
  };
  return html`<button type="button" @click=${act(only)}>Only</button>
    <button type="button" @click=${act(hide)}>Hide</button>
    <button type="button" @click=${act(highlight)}>Highlight</button>`;
}

/** Of one line, and short enough to look for. */
function selectedText(scroller: HTMLElement): string | undefined {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed || !scroller.contains(selection.anchorNode)) return undefined;
  const text = selection.toString().trim();
  return text === '' || text.includes('\n') || text.length > MAX_TEXT ? undefined : text;
}

/** Above the selection, or below it where there is no room. */
function place(box: HTMLElement): void {
  const frame = box.offsetParent?.getBoundingClientRect();
  const at = getSelection()?.getRangeAt(0).getBoundingClientRect();
  if (frame === undefined || at === undefined) return;
  const above = at.top - frame.top - box.offsetHeight - GAP_PX;
  const isOut = at.bottom < frame.top || at.top > frame.bottom;
  box.style.top = `${above >= 0 ? above : at.bottom - frame.top + GAP_PX}px`;
  box.style.left = `${Math.max(GAP_PX, Math.min(at.left - frame.left, frame.width - box.offsetWidth - GAP_PX))}px`;
  if (isOut) box.hidden = true;
}
