/** Why bytes are not JSON. */
export interface JsonTrouble {
  /** In the bytes, from 0. */
  readonly offset: number;
  readonly words: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const LETTER_U = 0x75;
/** What may follow a backslash: " \ / b f n r t u. */
const ESCAPED = new Set([...Buffer.from('"\\/bfnrtu')]);
const WORDS = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)]));

/**
 * One JSON value (RFC 8259) without the white space around and between its tokens. Everything else stays the bytes it was: numbers of any
 * length, duplicate names, what stands in strings. Well-formed UTF-8 is expected. Where there was no such space, the same bytes are returned.
 */
export function compactJson(bytes: Buffer): Buffer | JsonTrouble {
  const scan = new JsonScan(bytes);
  const trouble = scan.run();
  if (trouble !== undefined) return trouble;
  if (scan.spaces === 0) return bytes;
  return withoutSpaces(bytes, bytes.length - scan.spaces);
}

/** Walks through a value without recursion: how deep it is nested costs memory, not stack. */
class JsonScan {
  readonly #bytes: Buffer;
  #at = 0;
  /** The closing byte of each list and object that is open. */
  readonly #open: number[] = [];
  /** Bytes of white space between tokens. */
  spaces = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  run(): JsonTrouble | undefined {
    let trouble = this.#value();
    while (trouble === undefined && this.#open.length > 0) trouble = this.#afterValue();
    if (trouble !== undefined) return trouble;
    this.#skipSpace();
    return this.#at < this.#bytes.length ? this.#trouble('something stands behind the value') : undefined;
  }

  /** A whole value, or the beginning of a list or an object up to its first value. */
  #value(): JsonTrouble | undefined {
    for (;;) {
      this.#skipSpace();
      const byte = this.#bytes[this.#at];
      if (byte === QUOTE) return this.#string();
      if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        this.#at += 1;
        this.#open.push(byte + 2);
        this.#skipSpace();
        if (this.#bytes[this.#at] === byte + 2) return this.#close();
        const trouble = byte === OPEN_OBJECT ? this.#name() : undefined;
        if (trouble !== undefined) return trouble;
        continue;
      }
      const word = WORDS.get(byte ?? 0);
      return word === undefined ? this.#number() : this.#word(word);
    }
  }

  /** In a list or an object, behind a value: another one, or the end. */
  #afterValue(): JsonTrouble | undefined {
    this.#skipSpace();
    const close = this.#open[this.#open.length - 1];
    const byte = this.#bytes[this.#at];
    if (byte === close) return this.#close();
    if (byte !== COMMA) return this.#trouble(`a comma or ${close === CLOSE_LIST ? ']' : '}'} is missing`);
    this.#at += 1;
    this.#skipSpace();
    return (close === CLOSE_OBJECT ? this.#name() : undefined) ?? this.#value();
  }

  #close(): undefined {
    this.#at += 1;
    this.#open.pop();
  }

  /** The name of a member, and the colon behind it. */
  #name(): JsonTrouble | undefined {
    if (this.#bytes[this.#at] !== QUOTE) return this.#trouble('a name in double quotes is missing');
    const trouble = this.#string();
    if (trouble !== undefined) return trouble;
    this.#skipSpace();
    if (this.#bytes[this.#at] !== COLON) return this.#trouble('a colon is missing');
    this.#at += 1;
    return undefined;
  }

  #string(): JsonTrouble | undefined {
    const bytes = this.#bytes;
    for (this.#at += 1; this.#at < bytes.length; this.#at += 1) {
      const byte = bytes[this.#at] as number;
      if (byte === QUOTE) {
        this.#at += 1;
        return undefined;
      }
      if (byte < 0x20) return this.#trouble('a control character in a string must be escaped');
      if (byte === BACKSLASH && !this.#escape()) return this.#trouble('there is no such escape');
    }
    return this.#trouble('the end of a string is missing');
  }

  /** Goes to the last byte of an escape; false where it is none. */
  #escape(): boolean {
    this.#at += 1;
    const byte = this.#bytes[this.#at] ?? 0;
    if (byte !== LETTER_U) return ESCAPED.has(byte);
    for (let digit = 1; digit <= 4; digit += 1) if (!isHexDigit(this.#bytes[this.#at + digit])) return false;
    this.#at += 4;
    return true;
  }

  #word(word: Buffer): JsonTrouble | undefined {
    for (let index = 0; index < word.length; index += 1)
      if (this.#bytes[this.#at + index] !== word[index]) return this.#trouble('a value is missing');
    this.#at += word.length;
    return undefined;
  }

  /** -? (0 | 1-9 digits) (. digits)? (e sign? digits)? */
  #number(): JsonTrouble | undefined {
    if (this.#bytes[this.#at] === 0x2d) this.#at += 1;
    const first = this.#bytes[this.#at];
    const whole = this.#digits();
    if (whole === 0) return this.#trouble(this.#at < this.#bytes.length ? 'a value is missing' : 'it ends before its value does');
    if (first === 0x30 && whole > 1) return this.#trouble('a number may not begin with 0');
    if (this.#bytes[this.#at] === 0x2e) {
      this.#at += 1;
      if (this.#digits() === 0) return this.#trouble('a digit is missing');
    }
    if (((this.#bytes[this.#at] ?? 0) | 0x20) !== 0x65) return undefined;
    this.#at += 1;
    const sign = this.#bytes[this.#at];
    if (sign === 0x2b || sign === 0x2d) this.#at += 1;
    return this.#digits() === 0 ? this.#trouble('a digit is missing') : undefined;
  }

  #digits(): number {
    const start = this.#at;
    while (isDigit(this.#bytes[this.#at])) this.#at += 1;
    return this.#at - start;
  }

  #skipSpace(): void {
    const start = this.#at;
    while (isSpace(this.#bytes[this.#at])) this.#at += 1;
    this.spaces += this.#at - start;
  }

  #trouble(words: string): JsonTrouble {
    return { offset: Math.min(this.#at, this.#bytes.length), words };
  }
}

/** `length`: how many bytes will be left. */
function withoutSpaces(bytes: Buffer, length: number): Buffer {
  const compact = Buffer.allocUnsafe(length);
  let isInString = false;
  let to = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (!isInString && isSpace(byte)) continue;
    compact[to] = byte;
    to += 1;
    if (byte === QUOTE) isInString = !isInString;
    else if (isInString && byte === BACKSLASH) {
      at += 1;
      compact[to] = bytes[at] as number;
      to += 1;
    }
  }
  return compact;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
}
