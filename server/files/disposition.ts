/**
 * `Content-Disposition` that saves a body under `name` (RFC 6266), whatever characters it has: `filename` for old clients with `_`
 * for what ASCII cannot say, and, only where that lost something, `filename*` in UTF-8 (RFC 8187).
 */
export function attachment(name: string): string {
  const plain = name.replace(/\p{Surrogate}/gu, '\ufffd');
  // Some clients decode %41 in a quoted file name, others do not: such a name is said in the unmistakable form as well.
  const ascii = plain.replace(/[^\x20-\x7e]|["\\]/gu, '_');
  const quoted = `attachment; filename="${ascii}"`;
  return ascii === plain && !/%[0-9a-f]{2}/i.test(plain) ? quoted : `${quoted}; filename*=UTF-8''${encodeExtended(plain)}`;
}

/** encodeURIComponent leaves `'()*` as they are, which the grammar of RFC 8187 does not. */
function encodeExtended(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
