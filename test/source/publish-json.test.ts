import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compactJson } from '../../server/source/publish-json.ts';

function compact(text: string): string {
  const compacted = compactJson(Buffer.from(text));
  return Buffer.isBuffer(compacted) ? compacted.toString() : `${compacted.offset}: ${compacted.words}`;
}

const KEPT: readonly [what: string, json: string, compacted?: string][] = [
  ['a number too large for a double', '12345678901234567890123'],
  ['digits that a double would lose', '{"price":0.10000000000000000001,"e":1E400,"z":-0.0}'],
  ['a name that comes twice', '{"a":1,"a":2}'],
  ['escapes and half a surrogate pair', '"\\u0041\\/\\ud800\\n"'],
  ['white space within strings', ' { "a b" : " \\" x " } ', '{"a b":" \\" x "}'],
  ['a backslash at the end of a string', '[ "\\\\" , 1 ]', '["\\\\",1]'],
  ['line breaks between tokens', '{\r\n\t"a" : [ ]\n,"b":{ } }\n', '{"a":[],"b":{}}'],
  ['bare values', ' true ', 'true'],
  ['other letters', '{"ключ":"😀"}'],
];
for (const [what, json, compacted = json] of KEPT)
  test(`${what} stays as it was written`, () => assert.equal(compact(json), compacted));

test('what is compact is not copied', () => {
  const bytes = Buffer.from('{"a":[1,2]}');
  assert.equal(compactJson(bytes), bytes);
});

const REFUSED: readonly [json: string, where: string][] = [
  ['', '0: it ends before its value does'],
  ['{"a":1', '6: a comma or } is missing'],
  ['{"a":1,}', '7: a name in double quotes is missing'],
  ['[1,]', '3: a value is missing'],
  ['[1 2]', '3: a comma or ] is missing'],
  ['{a:1}', '1: a name in double quotes is missing'],
  ["{'a':1}", '1: a name in double quotes is missing'],
  ['{"a" 1}', '5: a colon is missing'],
  ['01', '2: a number may not begin with 0'],
  ['1.', '2: a digit is missing'],
  ['1e+', '3: a digit is missing'],
  ['+1', '0: a value is missing'],
  ['NaN', '0: a value is missing'],
  ['nul', '0: a value is missing'],
  ['"a', '2: the end of a string is missing'],
  ['"a\nb"', '2: a control character in a string must be escaped'],
  ['"\\x41"', '2: there is no such escape'],
  ['"\\u12G4"', '2: there is no such escape'],
  ['1 2', '2: something stands behind the value'],
  ['{} {}', '3: something stands behind the value'],
  ['[}', '1: a value is missing'],
];
for (const [json, where] of REFUSED)
  test(`${JSON.stringify(json)} is refused, and the place is named`, () => assert.equal(compact(json), where));

test('nesting has no limit of its own', () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  assert.equal(compact(deep), deep);
});

test('whatever JSON.stringify writes, with any indentation, becomes what it writes without', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\t', '\r\n'), (value, indent) => {
      assert.equal(compact(JSON.stringify(value, null, indent)), JSON.stringify(value));
    }),
    { numRuns: 500 },
  );
});

test('what JSON.parse refuses is refused, and nothing else', () => {
  const token = fc.constantFrom(...'{}[]:, \n"\\0123.eE+-', 'true', 'null', '"a"', '\\u00e9', 'x', '1.5');
  fc.assert(
    fc.property(
      fc.array(token, { maxLength: 9 }).map((tokens) => tokens.join('')),
      (text) => {
        assert.equal(Buffer.isBuffer(compactJson(Buffer.from(text))), isJson(text));
      },
    ),
    { numRuns: 5_000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
