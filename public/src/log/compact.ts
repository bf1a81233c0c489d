import { levelNamed } from '../../../server/feed/filter/level.ts';
import { plainText } from './ansi.ts';
import { entryNamed, type Fields, valueText } from './fields.ts';
import type { Entry, JsonNode } from './json-node.ts';
import { findLevel, shadeOf } from './level.ts';
import type { Range } from './spans.ts';
import { TIME_NAMES } from './timestamp.ts';

/** A line as it is drawn when it is not drawn as written. */
export interface CompactLine {
  readonly text: string;
  readonly ranges: readonly Range[];
}

const MESSAGES = ['msg', 'message', '@message', '@m', '@mt', 'event', 'body', 'text'];
const LEVELS = ['level', 'lvl', 'severity', 'log.level', 'loglevel', 'levelname', '@l'];
const MAX_PAIRS = 30;
const MAX_VALUE = 160;
const MAX_MESSAGE = 2_000;
const MAX_DEPTH = 4;
/** As wide as ERROR, so that messages begin below each other. */
const LEVEL_WIDTH = 5;

/** The message first, then `name=value`; what is shown beside it (the time, unless `withTime`) and information's level are left out. */
export function compactLine({ before, root }: Fields, withTime: boolean): CompactLine {
  const line = new LineBuilder();
  const message = entryNamed(root, MESSAGES);
  const level = entryNamed(root, LEVELS);
  const time = withTime ? undefined : entryNamed(root, TIME_NAMES);
  const told = message !== undefined && isWords(message[1]) ? message : undefined;
  const levelTold = level !== undefined && addLevel(line, valueText(level[1])) ? level : undefined;
  if (before !== '') line.prefix(clip(before, MAX_MESSAGE));
  if (told !== undefined) line.words(clip(valueText(told[1]), MAX_MESSAGE), 'said');
  const rest = root.entries.filter((entry) => entry !== told && entry !== levelTold && entry !== time);
  addPairs(line, rest);
  return line;
}

/** False where the level is none that we know: then it is a value like others. */
function addLevel(line: LineBuilder, word: string): boolean {
  const level = levelNamed(word);
  if (level === undefined) return false;
  const shade = shadeOf(level);
  const name = (/^\d/.test(word) ? level : word).toUpperCase();
  if (shade !== undefined) line.words(name, `level ${shade}`, Math.max(0, LEVEL_WIDTH - name.length));
  return true;
}

function addPairs(line: LineBuilder, entries: readonly Entry[]): void {
  let left = MAX_PAIRS;
  let hidden = 0;
  const add = (name: string, node: JsonNode, depth: number): void => {
    if (node.kind === 'object' && depth < MAX_DEPTH && node.entries.length > 0) {
      for (const [key, inner] of node.entries) add(`${name}.${key}`, inner, depth + 1);
    } else if (left > 0) {
      left -= 1;
      line.pair(name, quotedWhereNeeded(node));
    } else hidden += 1;
  };
  for (const [key, node] of entries) add(key, node, 1);
  if (hidden > 0) line.words(`… ${hidden} more`, 'key');
}

function isWords(node: JsonNode): boolean {
  return node.kind === 'string' || node.kind === 'literal';
}

function quotedWhereNeeded(node: JsonNode): string {
  const text = clip(valueText(node), MAX_VALUE);
  return node.kind === 'string' && (text === '' || /[\s"=]/.test(text)) ? `"${text}"` : text;
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

class LineBuilder implements CompactLine {
  text = '';
  readonly ranges: Range[] = [];

  /** `pad`: spaces behind. */
  words(words: string, style: string, pad = 0): void {
    this.#gap();
    this.#add(words, style);
    this.text += ' '.repeat(pad);
  }

  /** The words before an object can state the level. */
  prefix(words: string): void {
    this.#gap();
    const start = this.text.length;
    this.#add(words, 'said');
    const found = findLevel(this.text.slice(start));
    if (found.level === undefined) return;
    this.ranges.push({ start: start + found.start, end: start + found.end, style: `level ${found.level}` });
  }

  pair(name: string, value: string): void {
    this.#gap();
    this.#add(`${name}=`, 'key');
    this.#add(value, 'value');
  }

  #gap(): void {
    if (this.text !== '') this.text += ' ';
  }

  /** A line stays a line, whatever its values are. */
  #add(text: string, style: string): void {
    const start = this.text.length;
    this.text += plainText(text).replaceAll('\n', '↵').replaceAll('\t', ' ');
    this.ranges.push({ start, end: this.text.length, style });
  }
}
