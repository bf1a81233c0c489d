import type { Place } from '../log/chunk-store.ts';
import type { Filter } from '../log/filter.ts';
import { spansOf } from '../log/spans.ts';
import { formatCount } from '../units.ts';
import { create, createButton } from './element.ts';
import { SHOWN_CHARACTERS } from './line-content.ts';
import { createSpans } from './line-pieces.ts';

/** So many are shown at first; a button shows as many again. */
const SHOWN_FRAMES = 200;

/** The frames of a stack trace, as they were written. */
export function createFrames(places: readonly Place[], filter: Filter): HTMLElement {
  const block = create('div', 'frames');
  const show = (from: number) => {
    for (const { chunk, index } of places.slice(from, from + SHOWN_FRAMES)) {
      const line = create('div', 'frame');
      line.append(...createSpans(spansOf(chunk.text(index).slice(0, SHOWN_CHARACTERS), filter)));
      block.append(line);
    }
    const left = places.length - from - SHOWN_FRAMES;
    if (left <= 0) return;
    const more = createButton('act', `Show ${formatCount(Math.min(left, SHOWN_FRAMES))} of ${formatCount(left)} more`);
    more.addEventListener('click', () => {
      more.remove();
      show(from + SHOWN_FRAMES);
    });
    block.append(more);
  };
  show(0);
  return block;
}
