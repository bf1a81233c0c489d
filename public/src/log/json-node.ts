/**
 * JSON as it is written: numbers with every digit, keys in their order and as often as they come. `JSON.parse` would round, sort and
 * forget, and the page shows lines, not what they mean to JavaScript.
 */
export type JsonNode =
  | { readonly kind: 'object'; readonly entries: readonly Entry[]; readonly source: string }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[]; readonly source: string }
  | { readonly kind: 'string'; readonly value: string; readonly source: string }
  /** A number, true, false or null. */
  | { readonly kind: 'literal'; readonly source: string };

export type Entry = readonly [key: string, node: JsonNode];

const MAX_DEPTH = 64;
const MAX_NODES = 20_000;
const SPACE = /[ \t\n\r]*/y;
const STRING = /"[^"\\\p{Cc}]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[^"\\\p{Cc}]*)*"/uy;
const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true\b|false\b|null\b/y;

/** The value that the whole text is; undefined where it is not JSON, or deeper than 64 or longer than 20,000 values. */
export function parseJson(text: string): JsonNode | undefined {
  const reader = new Reader(text);
  try {
    const node = reader.value(0);
    reader.skip(SPACE);
    return reader.at === text.length ? node : undefined;
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
}

class NotJson extends Error {}

class Reader {
  readonly #text: string;
  #nodes = 0;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode {
    this.#nodes += 1;
    if (depth > MAX_DEPTH || this.#nodes > MAX_NODES) throw new NotJson();
    this.skip(SPACE);
    const start = this.at;
    const first = this.#text[start];
    if (first === '{') return { kind: 'object', entries: this.#list('}', () => this.#entry(depth)), source: this.#since(start) };
    if (first === '[') return { kind: 'array', items: this.#list(']', () => this.value(depth + 1)), source: this.#since(start) };
    if (first === '"') return this.#string();
    return { kind: 'literal', source: this.#must(LITERAL) };
  }

  skip(pattern: RegExp): void {
    this.#take(pattern);
  }

  #entry(depth: number): Entry {
    const key = this.#string().value;
    this.#sign(':');
    return [key, this.value(depth + 1)];
  }

  #string(): JsonNode & { kind: 'string' } {
    this.skip(SPACE);
    const source = this.#must(STRING);
    return { kind: 'string', value: source.includes('\\') ? String(JSON.parse(source)) : source.slice(1, -1), source };
  }

  /** From the opening bracket to behind the closing one. */
  #list<Item>(end: string, read: () => Item): Item[] {
    this.at += 1;
    const items: Item[] = [];
    this.skip(SPACE);
    if (this.#text[this.at] === end) {
      this.at += 1;
      return items;
    }
    for (;;) {
      items.push(read());
      if (this.#sign(`,${end}`) === end) return items;
    }
  }

  #sign(wanted: string): string {
    this.skip(SPACE);
    const sign = this.#text[this.at];
    if (sign === undefined || !wanted.includes(sign)) throw new NotJson();
    this.at += 1;
    return sign;
  }

  #must(pattern: RegExp): string {
    const found = this.#take(pattern);
    if (found === '') throw new NotJson();
    return found;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  #since(start: number): string {
    return this.#text.slice(start, this.at);
  }
}
