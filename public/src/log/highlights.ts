import { keep, loadKept } from '../kept.ts';

/** A text that is coloured wherever it stands; `colour` is one of those of styles/highlights.css. */
export interface HighlightRule {
  readonly text: string;
  readonly colour: number;
}

export const HIGHLIGHT_COLOURS = 6;
const KEY = 'livefeed.highlights';
/** Beyond so many the oldest goes. */
const MAX_RULES = 20;
const MAX_TEXT = 200;

/** The texts that this reader wants to see in colour, in every feed; kept in this browser. */
export class Highlights {
  #rules = parseRules(loadKept(KEY));

  get rules(): readonly HighlightRule[] {
    return this.#rules;
  }

  /** The same text again is coloured no more. */
  toggle(text: string): void {
    const wanted = text.trim().slice(0, MAX_TEXT);
    const rest = this.#rules.filter((rule) => rule.text.toLowerCase() !== wanted.toLowerCase());
    const isNew = rest.length === this.#rules.length && wanted !== '';
    this.#rules = (isNew ? [...rest, { text: wanted, colour: freeColour(rest) }] : rest).slice(-MAX_RULES);
    keep(KEY, this.#rules);
  }
}

export function parseRules(stored: unknown): HighlightRule[] {
  const values: unknown[] = Array.isArray(stored) ? stored : [];
  return values.slice(-MAX_RULES).flatMap((value) => {
    const { text, colour } = (value ?? {}) as Record<string, unknown>;
    const isColour = Number.isInteger(colour) && Number(colour) >= 1 && Number(colour) <= HIGHLIGHT_COLOURS;
    return typeof text === 'string' && text !== '' && isColour ? [{ text: text.slice(0, MAX_TEXT), colour: Number(colour) }] : [];
  });
}

/** The colour that is used least. */
function freeColour(rules: readonly HighlightRule[]): number {
  const uses = Array.from({ length: HIGHLIGHT_COLOURS }, (_, index) => rules.filter(({ colour }) => colour === index + 1).length);
  return uses.indexOf(Math.min(...uses)) + 1;
}
