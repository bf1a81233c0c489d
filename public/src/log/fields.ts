import { type Entry, type JsonNode, parseJson } from './json-node.ts';

export type FieldsNode = JsonNode & { readonly kind: 'object' };

/** What a line says in names and values. */
export interface Fields {
  /** `mixed`: words with pairs among them. Their order means something, so they are shown as they are. */
  readonly form: 'json' | 'logfmt' | 'mixed';
  /** The words before the object. */
  readonly before: string;
  readonly root: FieldsNode;
}

/** Longer lines are shown as they are. */
const MAX_LENGTH = 65_536;
const MAX_MIXED = 60;
const NAME = String.raw`[A-Za-z_@][\w.@/-]{0,63}`;
const QUOTED = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
const LOGFMT_PAIR = new RegExp(String.raw`(${NAME})=(${QUOTED}(?=\s|$)|[^\s"]*)(?:\s+|$)`, 'y');
const MIXED_PAIR = new RegExp(String.raw`(?<=^|[\s,;([{])(${NAME})=(${QUOTED}|[^\s"',;()[\]{}]+)`, 'g');

/** `text` is without the time before it. Undefined where the line has no names. */
export function findFields(text: string): Fields | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const trimmed = text.trim();
  return jsonFields(trimmed) ?? logfmtFields(trimmed) ?? mixedFields(trimmed);
}

/** The first of these names that is there, at the top. Case does not matter. */
export function entryNamed({ entries }: FieldsNode, names: readonly string[]): Entry | undefined {
  for (const name of names) {
    const entry = entries.find(([key]) => key.toLowerCase() === name);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** A value as it reads: strings without their quotes, all else as written. */
export function valueText(node: JsonNode): string {
  return node.kind === 'string' ? node.value : node.source;
}

/** An object alone, or behind some words: `checkout failed {"order":5}`. */
function jsonFields(text: string): Fields | undefined {
  if (!text.endsWith('}')) return undefined;
  const start = text.startsWith('{') ? 0 : text.indexOf(' {"') + 1;
  if (start === 0 && !text.startsWith('{')) return undefined;
  const root = parseJson(text.slice(start));
  if (root?.kind !== 'object' || root.entries.length === 0) return undefined;
  return { form: 'json', before: text.slice(0, start).trimEnd(), root };
}

function logfmtFields(text: string): Fields | undefined {
  const entries: Entry[] = [];
  LOGFMT_PAIR.lastIndex = 0;
  while (LOGFMT_PAIR.lastIndex < text.length) {
    const pair = LOGFMT_PAIR.exec(text);
    if (pair === null) return undefined;
    entries.push(entryOf(pair[1], pair[2]));
  }
  return entries.length < 2 ? undefined : { form: 'logfmt', before: '', root: { kind: 'object', entries, source: text } };
}

function mixedFields(text: string): Fields | undefined {
  const entries: Entry[] = [];
  for (const [, key, value] of text.matchAll(MIXED_PAIR)) {
    entries.push(entryOf(key, value));
    if (entries.length === MAX_MIXED) break;
  }
  return entries.length === 0 ? undefined : { form: 'mixed', before: '', root: { kind: 'object', entries, source: text } };
}

function entryOf(key = '', source = ''): Entry {
  const quoted = source.startsWith('"') && source.length > 1;
  const value = quoted ? source.slice(1, -1).replace(/\\(.)/g, unescaped) : source;
  return [key, { kind: 'string', value, source }];
}

function unescaped(_: string, character: string): string {
  return { n: '\n', t: '\t', r: '\r' }[character] ?? character;
}
