import type { Place } from '../log/chunk-store.ts';

/** A line for as long as the feed keeps it: so many lines behind a cursor. It holds when the file is rotated, and in another browser. */
export interface Anchor {
  readonly cursor: string;
  /** `LINE_BEFORE`: the line that ends at the cursor. */
  readonly skip: number;
}

export const LINE_BEFORE = -1;

const FORM = /^([\w.~-]{1,40})(?::(\d{1,6}|-1))?$/;

/** Of the row; of a note, the line behind it. Undefined where no cursor is known yet. */
export function anchorOf({ chunk, index }: Place): Anchor | undefined {
  if (chunk.since === '') return undefined;
  if (chunk.sifted !== undefined) return { cursor: chunk.sifted.ids[index] ?? chunk.until, skip: LINE_BEFORE };
  let skip = 0;
  for (let row = 0; row < index; row += 1) if (!chunk.isNote(row)) skip += 1;
  return { cursor: chunk.since, skip };
}

/** `CURSOR:17`, as it stands in an address. */
export function formatAnchor({ cursor, skip }: Anchor): string {
  return skip === 0 ? cursor : `${cursor}:${skip}`;
}

export function parseAnchor(text: string | null): Anchor | undefined {
  const [, cursor, skip = '0'] = FORM.exec(text ?? '') ?? [];
  return cursor === undefined ? undefined : { cursor, skip: Number(skip) };
}
