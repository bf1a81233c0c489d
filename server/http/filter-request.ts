import { type Filter, filterOf, type Pattern } from '../feed/filter/filter.ts';
import { LEVELS, type Level, levelNamed } from '../feed/filter/level.ts';
import type { Fault } from '../feed/filter/match-messages.ts';
import { Problem } from '../problem/problem.ts';
import { type Asking, badParameter, readParameter } from './feed-request.ts';

const FILTER_PARAMETERS = ['match', 'level', 'type'] as const;

const MAX_PATTERNS = 8;
const MAX_PATTERN_LENGTH = 512;
const MAX_TYPES = 16;
const MAX_TYPE_LENGTH = 100;

/** What a request wants to see of a feed; undefined: all of it. Throws Problem `bad-parameter`. */
export function readFilter(request: Asking): Filter | undefined {
  if (!FILTER_PARAMETERS.some((name) => name in request.query)) return undefined;
  if (readParameter(request, 'latest') !== undefined) throw badParameter('latest', 'left out where a filter is given');
  const patterns = readWords(request, 'match', MAX_PATTERNS).map(readPattern);
  const types = readWords(request, 'type', MAX_TYPES).map(readType);
  return filterOf({ patterns, types, level: readLevel(readParameter(request, 'level')) });
}

/** A pattern that cannot be tried. EventSource is refused as well: it will not pass. */
export function badPattern({ pattern, words, at }: Fault): Problem {
  const place = at === undefined ? '' : ` at character ${at}`;
  const detail = `match=${shown(pattern)} is not a pattern of RE2${place}: ${words}.`;
  return new Problem('bad-parameter', { detail, members: { parameter: 'match', pattern, ...(at === undefined ? {} : { at }) } });
}

function readWords(request: Asking, name: string, max: number): string[] {
  const value = request.query[name];
  const words = value === undefined ? [] : [value].flat().map(String);
  if (words.length > max) throw badParameter(name, `given at most ${max} times`);
  return words;
}

function readPattern(word: string): Pattern {
  const isNot = word.startsWith('!');
  const text = isNot ? word.slice(1) : word;
  if (text === '') throw badParameter('match', 'a pattern of RE2; ! before it hides what it matches');
  if (text.length > MAX_PATTERN_LENGTH)
    throw badParameter('match', `at most ${MAX_PATTERN_LENGTH} characters, not ${text.length}`);
  return { text, isNot };
}

function readType(type: string): string {
  const isType = type !== '' && type.length <= MAX_TYPE_LENGTH && !type.startsWith('feed.');
  if (!isType) throw badParameter('type', 'a type of events that can be published; plain ones are of type message');
  return type;
}

function readLevel(word: string | undefined): Level | undefined {
  if (word === undefined) return undefined;
  const level = /^[a-z]+$/i.test(word) ? levelNamed(word) : undefined;
  if (level === undefined) throw badParameter('level', `one of ${LEVELS.join(', ')}`);
  return level;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
