/** A duration for people: "0.4 s", "3 s", "1270 s". */
export function inSeconds(ms: number): string {
  const seconds = ms / 1000;
  return `${seconds < 1 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
}
