import { HIGHLIGHT_COLOURS, type HighlightRule } from '../log/highlights.ts';

/** A line can be a megabyte; what is looked at of it is what one sees. */
const MAX_CHARACTERS = 4_000;
const MAX_RANGES = 50;

interface Painted {
  readonly colour: number;
  readonly range: Range;
}

/**
 * Colours texts in the rows that are drawn, by the browser's own highlights: no element is added or changed, so rows can be drawn anew
 * and selected as ever. A browser that has none of that shows the rows without.
 */
export class HighlightPaint {
  readonly #highlights = Array.from({ length: HIGHLIGHT_COLOURS }, () =>
    'Highlight' in globalThis ? new Highlight() : undefined,
  );
  #painted = new Map<Element, readonly Painted[]>();

  constructor() {
    for (const [index, highlight] of this.#highlights.entries())
      if (highlight !== undefined) CSS.highlights.set(`rule-${index + 1}`, highlight);
  }

  /** Rows have come and gone. The text of one that stays is in the element that it was in. */
  paint(messages: Iterable<Element>, rules: readonly HighlightRule[]): void {
    const before = this.#painted;
    this.#painted = new Map();
    for (const message of messages) this.#painted.set(message, before.get(message) ?? this.#add(message, rules));
    for (const [message, ranges] of before) if (!this.#painted.has(message)) this.#remove(ranges);
  }

  /** Other texts are wanted. */
  clear(): void {
    for (const highlight of this.#highlights) highlight?.clear();
    this.#painted.clear();
  }

  #add(message: Element, rules: readonly HighlightRule[]): readonly Painted[] {
    const painted = rules.flatMap((rule) => rangesOf(message, rule));
    for (const { colour, range } of painted) this.#highlights[colour - 1]?.add(range);
    return painted;
  }

  #remove(painted: readonly Painted[]): void {
    for (const { colour, range } of painted) this.#highlights[colour - 1]?.delete(range);
  }
}

function rangesOf(message: Element, { text, colour }: HighlightRule): Painted[] {
  const all = (message.textContent ?? '').slice(0, MAX_CHARACTERS).toLowerCase();
  const wanted = text.toLowerCase();
  const painted: Painted[] = [];
  for (let at = all.indexOf(wanted); at >= 0 && painted.length < MAX_RANGES; at = all.indexOf(wanted, at + wanted.length)) {
    const [start, end] = [pointAt(message, at), pointAt(message, at + wanted.length)];
    if (start === undefined || end === undefined) break;
    const range = document.createRange();
    range.setStart(...start);
    range.setEnd(...end);
    painted.push({ colour, range });
  }
  return painted;
}

/** Where among the text nodes a character stands. */
function pointAt(message: Element, offset: number): [node: Node, offset: number] | undefined {
  const walker = document.createTreeWalker(message, NodeFilter.SHOW_TEXT);
  let left = offset;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const { length } = node as Text;
    if (left <= length) return [node, left];
    left -= length;
  }
  return undefined;
}
