declare const brand: unique symbol;
/** The text form of a position, sent as the SSE `id:`. Opaque to clients; "everything after this". */
export type Cursor = string & { readonly [brand]: 'Cursor' };

export const MAX_CURSOR_LENGTH = 40;
const CURSOR = /^[A-Za-z0-9._~-]{1,40}$/;

/** The cursor, or undefined where `text` has other characters or another length than a cursor has. */
export function parseCursor(text: string): Cursor | undefined {
  return CURSOR.test(text) ? (text as Cursor) : undefined;
}
