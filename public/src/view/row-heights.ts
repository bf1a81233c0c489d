import type { Row } from '../log/row.ts';
import { SHOWN_CHARACTERS } from './row-element.ts';

/** What the height of a row rests on: sizes in CSS pixels, the width in characters. */
export interface Metrics {
  readonly rowHeight: number;
  readonly noteHeight: number;
  readonly wrap: boolean;
  readonly charactersPerRow: number;
}

/**
 * How high a row will be: exact for lines that do not wrap, a good guess for those that do (monospace, so characters can be
 * counted; wide ones and emoji make it wrong), corrected once the row is drawn.
 */
export function estimateHeight(row: Row, metrics: Metrics): number {
  if (row.kind === 'note') return metrics.noteHeight;
  const text = row.text.length > SHOWN_CHARACTERS ? row.text.slice(0, SHOWN_CHARACTERS) : row.text;
  if (!metrics.wrap) return metrics.rowHeight * (text.includes('\n') ? text.split('\n').length : 1);
  let rows = 0;
  for (const part of text.split('\n')) rows += Math.max(1, Math.ceil(part.length / metrics.charactersPerRow));
  return metrics.rowHeight * rows;
}
