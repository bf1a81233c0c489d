import type { Row } from './row.ts';

/** The lines exactly as they came, each ended by a line feed; the pieces of a line that was cut are one line again. */
export function copyText(rows: Iterable<Row>): string {
  const parts: string[] = [];
  for (const row of rows) {
    if (row.kind === 'line') parts.push(row.text, row.cut ? '' : '\n');
  }
  return parts.join('');
}
