import type { Edges } from '../history.ts';
import { formatHash } from '../location-hash.ts';

/** The words above the first row and below the last. */
export class ListEdges {
  readonly above = edge();
  readonly below = edge();

  /** `place` keeps the rows where they are while the words change. */
  tell({ above = '', below = '', feeds = [] }: Edges, place: (change: () => void) => void): void {
    for (const [element, words] of [[this.above, above] as const, [this.below, below] as const]) {
      const links = element === this.above && words !== '' ? feeds : [];
      if (element.textContent === [words, ...links].join(' ')) continue;
      place(() => {
        element.replaceChildren(words, ...links.flatMap((name) => [' ', linkTo(name)]));
        element.hidden = words === '';
      });
    }
  }
}

function linkTo(name: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = formatHash({ feed: name, filter: '' });
  link.textContent = name;
  return link;
}

function edge(): HTMLElement {
  const element = document.createElement('div');
  element.className = 'edge';
  element.hidden = true;
  return element;
}
