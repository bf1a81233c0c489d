const DRAG_PX = 8;

/**
 * Tells when the reader leaves the end of the log on purpose: wheel up, a finger or the scroll bar dragged, text selected. A
 * scroll event alone says nothing: layout scrolls too. `isSampled`: not all rows are drawn.
 */
export function watchGestures(scroller: HTMLElement, leave: () => void, isSampled: () => boolean): void {
  // The few rows of a burst may all fit, while there are more to scroll to.
  const leaveIfScrollable = () => {
    if (isSampled() || scroller.scrollHeight > scroller.clientHeight + 1) leave();
  };
  scroller.addEventListener('wheel', ({ deltaY, ctrlKey }) => deltaY < 0 && !ctrlKey && leaveIfScrollable(), { passive: true });
  scroller.addEventListener('pointerdown', (event) => {
    if (event.target === scroller && event.offsetX >= scroller.clientWidth) leaveIfScrollable();
  });
  watchTouch(scroller, leaveIfScrollable);
  document.addEventListener('selectionchange', () => {
    const selection = getSelection();
    if (selection?.isCollapsed === false && scroller.contains(selection.anchorNode)) leave();
  });
}

function watchTouch(scroller: HTMLElement, leave: () => void): void {
  let startY = 0;
  scroller.addEventListener('touchstart', ({ touches }) => (startY = touches[0]?.clientY ?? 0), { passive: true });
  scroller.addEventListener(
    'touchmove',
    ({ touches }) => {
      if ((touches[0]?.clientY ?? 0) - startY > DRAG_PX) leave();
    },
    { passive: true },
  );
}
