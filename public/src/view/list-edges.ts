import type { Edges } from '../history.ts';

/** The words above the first row and below the last. */
export class ListEdges {
  readonly above = edge();
  readonly below = edge();

  /** `place` keeps the rows where they are while the words change. */
  tell({ above = '', below = '' }: Edges, place: (change: () => void) => void): void {
    for (const [element, words] of [[this.above, above] as const, [this.below, below] as const]) {
      if (element.textContent === words) continue;
      place(() => {
        element.textContent = words;
        element.hidden = words === '';
      });
    }
  }
}

function edge(): HTMLElement {
  const element = document.createElement('div');
  element.className = 'edge';
  element.hidden = true;
  return element;
}
