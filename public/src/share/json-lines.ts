import type { Row } from '../log/row.ts';

/** A JSON object a line, with the names that the service uses. The pieces of a line that was cut are one again. */
export function jsonLines(feed: string, rows: Iterable<Row>): string {
  const lines: string[] = [];
  let before = '';
  for (const row of rows) {
    if (row.kind !== 'line') continue;
    before += row.text;
    if (row.cut) continue;
    const time = row.time === null ? null : new Date(row.time).toISOString();
    lines.push(`${JSON.stringify({ feed, time, data: before })}\n`);
    before = '';
  }
  return lines.join('');
}
