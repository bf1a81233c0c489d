import { MAX_FEED_NAME_BYTES } from '../name.ts';

/** What chooses feeds: names and patterns, in an order that does not matter. */
export interface Selection {
  /** The same for all that choose the same feeds in the same words. */
  readonly key: string;
  readonly names: readonly string[];
  readonly patterns: readonly string[];
  /** Whether one of the patterns matches `name`. */
  matches(name: string): boolean;
}

/** The service's own feeds: a pattern has to say that it means them. */
const OWN = 'livefeed/';
const PATTERN = /^[A-Za-z0-9._*?-]+(?:\/[A-Za-z0-9._*?-]+)*$/;

export function isPattern(text: string): boolean {
  return text.length <= MAX_FEED_NAME_BYTES && /[*?]/.test(text) && PATTERN.test(text);
}

/** `words` are checked: names of feeds, and patterns. */
export function selectionOf(words: readonly string[]): Selection {
  const sorted = [...new Set(words)].sort();
  const patterns = sorted.filter(isPattern);
  return {
    key: sorted.join(' '),
    names: sorted.filter((word) => !isPattern(word)),
    patterns,
    matches: (name) => patterns.some((pattern) => matchesPattern(pattern, name)),
  };
}

/**
 * `*` is any characters but `/`, `?` is one, `**` any number of whole segments; at the start of a segment neither stands for a dot.
 * It is what picomatch says of such patterns, without a regular expression: a stranger's pattern must not take exponential time.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  if (name.startsWith(OWN) && !pattern.startsWith(OWN)) return false;
  return matchesSegments(pattern.split('/'), name.split('/'));
}

/** Whether each segment of the pattern has its own: row by row, `reached[i]` says that the pattern so far fits the first i segments. */
function matchesSegments(pattern: readonly string[], segments: readonly string[]): boolean {
  let reached = segments.map(() => false);
  reached.unshift(true);
  for (const part of pattern) {
    const next = reached.map(() => false);
    for (const [index, isReached] of reached.entries()) {
      const segment = segments[index - 1] ?? '';
      if (isGlobstar(part)) next[index] = isReached || (index > 0 && next[index - 1] === true && !segment.startsWith('.'));
      else next[index] = index > 0 && reached[index - 1] === true && matchesSegment(part, segment);
    }
    reached = next;
  }
  return reached[segments.length] === true;
}

function isGlobstar(part: string): boolean {
  return /^\*\*+$/.test(part);
}

/** Goes back to the last `*` only: what an earlier one takes more could the last one take as well. */
function matchesSegment(pattern: string, segment: string): boolean {
  if (segment.startsWith('.') && !pattern.startsWith('.')) return false;
  let at = 0;
  let star = -1;
  let behindStar = 0;
  for (let place = 0; place < segment.length; ) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      behindStar = place;
      at += 1;
    } else if (wanted === '?' || wanted === segment[place]) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      behindStar += 1;
      at = star + 1;
      place = behindStar;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
