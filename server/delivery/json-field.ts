import { createHash } from 'node:crypto';

/** Longer values are told apart by their hash, so that what is held of each is bounded. */
const MAX_LENGTH = 64;
const SPACE = /[ \t\r\n]*/y;

/**
 * The value that a JSON object has for `field`, as a text that is the same for equal values and differs for others; undefined where `json`
 * is no object or has no such member. Of members of one name the last counts. Numbers that a double cannot hold are told apart.
 */
export function fieldValue(json: string, field: string): string | undefined {
  if (!isObject(json)) return undefined;
  let value: string | undefined;
  let at = behindSpace(json, json.indexOf('{') + 1);
  while (json[at] === '"') {
    const nameEnd = stringEnd(json, at);
    const start = behindSpace(json, behindSpace(json, nameEnd) + 1);
    const end = valueEnd(json, start);
    if (JSON.parse(json.slice(at, nameEnd)) === field) value = json.slice(start, end);
    at = behindSpace(json, behindSpace(json, end) + 1);
  }
  return value === undefined ? undefined : shortened(canonical(value));
}

function isObject(json: string): boolean {
  if (json[behindSpace(json, 0)] !== '{') return false;
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

function behindSpace(json: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(json);
  return SPACE.lastIndex;
}

function stringEnd(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Where a value of valid JSON ends. */
function valueEnd(json: string, start: number): number {
  if (json[start] === '"') return stringEnd(json, start);
  let depth = 0;
  for (let at = start; ; at += 1) {
    const letter = json[at] ?? '';
    if (letter === '"') at = stringEnd(json, at) - 1;
    else if (letter === '{' || letter === '[') depth += 1;
    else if (depth === 0 && /[,}\]\s]/.test(letter)) return at;
    else if ((letter === '}' || letter === ']') && --depth === 0) return at + 1;
  }
}

/** `1.0` is 1 and `"\u0061"` is "a"; a whole number that no double holds stays as it is written. */
function canonical(value: string): string {
  if (/^-?\d+$/.test(value) && !Number.isSafeInteger(Number(value))) return value;
  return JSON.stringify(JSON.parse(value));
}

function shortened(value: string): string {
  return value.length <= MAX_LENGTH ? value : createHash('sha256').update(value).digest('base64');
}
