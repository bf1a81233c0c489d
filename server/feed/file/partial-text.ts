/** Well-formed text of an unfinished line: a character that is cut at its end is left out until the rest has come. */
export function partialText(bytes: Buffer): string {
  return new TextDecoder().decode(bytes, { stream: true }).replace(/\r\n?/g, '\n');
}
