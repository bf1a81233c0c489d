/** The q of what a header accepts: 1 where there is none, 0 (not acceptable) where it is malformed (RFC 9110 §12.4.2). */
export function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => /^q\s*=/.test(parameter));
  if (weight === undefined) return 1;
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight.slice(2)) : 0;
}
