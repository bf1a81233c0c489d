/**
 * Characters that show nothing but change what is around them: they turn the direction of text, or join and divide it. Each becomes
 * one stand-in (a noncharacter, which no text has), and is drawn by its name.
 */
const NAMES: readonly (readonly [character: string, name: string])[] = [
  ['\u200e', 'LRM'],
  ['\u200f', 'RLM'],
  ['\u061c', 'ALM'],
  ['\u202a', 'LRE'],
  ['\u202b', 'RLE'],
  ['\u202c', 'PDF'],
  ['\u202d', 'LRO'],
  ['\u202e', 'RLO'],
  ['\u2066', 'LRI'],
  ['\u2067', 'RLI'],
  ['\u2068', 'FSI'],
  ['\u2069', 'PDI'],
  ['\u2028', 'LS'],
  ['\u2029', 'PS'],
  ['\u200b', 'ZWSP'],
  ['\u2060', 'WJ'],
  ['\ufeff', 'BOM'],
  ['\u00ad', 'SHY'],
];
const FIRST_STAND_IN = 0xfdd0;
const MARKS = '\ufdef';
/** No script stacks more on one letter; a thousand would be drawn over the rows around and take a second to shape. */
const MARKS_SHOWN = 8;
const TOO_MANY_MARKS = new RegExp(`(\\p{M}{${MARKS_SHOWN}})\\p{M}+`, 'gu');
const CONTROLS =
  /(?![\t\n])\p{Cc}|[\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufdd0-\ufdef\ufeff]/gu;
const STAND_INS = new Map(NAMES.map(([character], index) => [character, String.fromCharCode(FIRST_STAND_IN + index)]));
const NAME_OF = new Map([
  ...NAMES.map(([, name], index): [string, string] => [String.fromCharCode(FIRST_STAND_IN + index), name]),
  [MARKS, 'MARKS'] as const,
]);
const STAND_IN = /[\ufdd0-\ufdef]/g;

/** Most lines are of these only. */
const PLAIN = /^[ -~]*$/;

/** Control characters as their pictures (`␀`), others as their stand-ins; what marks a letter more than eight times is left out. */
export function showControls(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(CONTROLS, pictureOf).replace(TOO_MANY_MARKS, `$1${MARKS}`);
}

/** Where stand-ins are, at most `limit`. */
export function findStandIns(text: string, limit: number): number[] {
  const places: number[] = [];
  for (const { index } of text.matchAll(STAND_IN)) {
    if (places.length === limit) break;
    places.push(index);
  }
  return places;
}

/** The name of one stand-in: `RLO`. */
export function nameOfStandIn(character: string): string {
  return NAME_OF.get(character) ?? '\ufffd';
}

/** Those that have no name drawn of their own. */
export function withoutStandIns(text: string): string {
  return text.replace(STAND_IN, '\ufffd');
}

function pictureOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return STAND_INS.get(character) ?? '\ufffd';
}
