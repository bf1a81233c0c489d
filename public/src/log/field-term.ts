/** Terms of the filter that ask for a value by its name: `order==A-88213`, in JSON and in `order=A-88213` alike. */

const NAME = /^[\w.@/-]+$/;
const BARE = /^[^\s"\\!][^\s"\\]*$/;
/** A longer value is not something to filter by. */
const MAX_VALUE = 200;
const TERMS = /!?(?:[\w.@/-]+==)?"(?:[^"\\]|\\.)*"?|\S+/g;

/** The term for a field; undefined where its name cannot be written in one, or its value is too long. */
export function fieldTerm(name: string, value: string): string | undefined {
  if (!NAME.test(name) || value.length > MAX_VALUE || value.includes('\n')) return undefined;
  return `${name}==${BARE.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
}

/** The filter with the term wanted or unwanted; it takes the place of its opposite. */
export function withTerm(filter: string, term: string, not: boolean): string {
  const terms = (filter.match(TERMS) ?? []).filter((one) => one !== term && one !== `!${term}`);
  return [...terms, not ? `!${term}` : term].join(' ');
}

/** Matches where the field has exactly this value, whichever way it is written. Names are the last one of a path. */
export function fieldPattern(name: string, value: string): RegExp {
  const key = literal(name);
  const isLiteral = /^(?:-?\d[\d.eE+-]*|true|false|null)$/.test(value);
  const json = `"${key}"\\s{0,8}:\\s{0,8}(?:"${jsonText(value)}"${isLiteral ? `|${literal(value)}(?=\\s{0,8}[,}\\]])` : ''})`;
  const quoted = `"${literal(value.replace(/["\\]/g, '\\$&'))}"`;
  const bare = /^[^\s"]*$/.test(value) ? `|${literal(value)}(?=$|[\\s,;)\\]}])` : '';
  return new RegExp(`${json}|(?<![\\w.@/-])${key}=(?:${quoted}${bare})`, 'i');
}

/** As some write it, with slashes escaped, and as others do, in ASCII only. */
function jsonText(value: string): string {
  const plain = literal(JSON.stringify(value).slice(1, -1)).replaceAll('\\/', '\\\\?\\/');
  const ascii = plain.replace(/[\u007f-\uffff]/g, (unit) => `\\\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return ascii === plain ? plain : `(?:${plain}|${ascii})`;
}

/** Escaped to the last character, so a text is only ever what it is, in linear time. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
