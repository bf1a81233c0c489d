declare const brand: unique symbol;
/** A checked feed name: segments of `[A-Za-z0-9._-]` joined by `/`, at most 200 bytes, no `.` or `..` segment. */
export type FeedName = string & { readonly [brand]: 'FeedName' };

export const MAX_FEED_NAME_BYTES = 200;
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._-]+$/;

/** The name, or undefined where `text` is not one. */
export function parseFeedName(text: string): FeedName | undefined {
  if (text.length > MAX_FEED_NAME_BYTES) return undefined;
  return text.split('/').every((segment) => SEGMENT.test(segment)) ? (text as FeedName) : undefined;
}

/** A feed name out of any text: other bytes become `_`, as do `.` and `..` segments; empty segments vanish. */
export function toFeedName(text: string): FeedName {
  const segments = text
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => (/^\.{1,2}$/.test(segment) ? '_' : replaceForeign(segment)));
  const name = segments.join('/').slice(-MAX_FEED_NAME_BYTES).replace(/^\/+/, '');
  return (name === '' ? '_' : name) as FeedName;
}

function replaceForeign(segment: string): string {
  return Buffer.from(segment, 'utf8')
    .toString('latin1')
    .replace(/[^A-Za-z0-9._-]/g, '_');
}
