import { namesIn } from '../feeds/together.ts';
import type { Row } from '../log/row.ts';

/** A JSON object a line, with the names that the service uses. The pieces of a line that was cut are one again. */
/** Pieces of lines of several feeds may stand between each other's. */
export function jsonLines(name: string, rows: Iterable<Row>): string {
  const names = namesIn(name);
  const lines: string[] = [];
  const before = new Map<number, string>();
  for (const row of rows) {
    if (row.kind !== 'line') continue;
    const source = row.source ?? 0;
    const data = (before.get(source) ?? '') + row.text;
    before.set(source, row.cut ? data : '');
    if (row.cut) continue;
    const time = row.time === null ? null : new Date(row.time).toISOString();
    lines.push(`${JSON.stringify({ feed: names[source], time, data })}\n`);
  }
  return lines.join('');
}
