/** What makes a segment a pattern. Parentheses alone do not: `notes (1).log` is how file managers call a copy. */
const SPECIAL = /(?<!\\)(?:[*?[{]|[@!+]\()/;

/** Whether a text that is no path of a file may be meant as a pattern. */
export function isGlob(text: string): boolean {
  return SPECIAL.test(text);
}

/** The folder that the matches of an absolute pattern are in or below. */
export function globRoot(pattern: string): string {
  const { fixed } = splitGlob(pattern);
  return fixed.join('/').replace(/\\(.)/g, '$1') || '/';
}

/** How many folders below the root the matches can lie. */
export function globDepth(pattern: string): number {
  const { varying } = splitGlob(pattern);
  return varying.some((segment) => segment.includes('**')) ? Number.POSITIVE_INFINITY : varying.length - 1;
}

/** A folder may have any name, and `[x]` in it is not a pattern of the user's. */
export function escapeGlob(path: string): string {
  return path.replace(/[\\$^*+?()[\]{}!|@]/g, '\\$&');
}

/** picomatch's own scan takes escaped characters for special ones, so the split is ours. */
function splitGlob(pattern: string): { fixed: string[]; varying: string[] } {
  const segments = pattern.split('/');
  const cut = segments.findIndex(isGlob);
  const at = cut === -1 ? segments.length - 1 : cut;
  return { fixed: segments.slice(0, at), varying: segments.slice(at) };
}
