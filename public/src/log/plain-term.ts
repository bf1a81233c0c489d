const BARE = /^[^\s"!\\][^\s"\\]*$/;

/** Text as a term of the filter, which finds it as it is. */
export function plainTerm(text: string): string {
  return BARE.test(text) && !text.includes('==') ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
