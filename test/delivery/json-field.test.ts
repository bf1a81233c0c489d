import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fieldValue } from '../../server/delivery/json-field.ts';

test('the value of a member is found whatever stands around it', () => {
  assert.equal(fieldValue(' { "a" : { "id" : 1 } , "id" : "x\\"}" , "z":[1,{"id":2}] } ', 'id'), '"x\\"}"');
  assert.equal(fieldValue('{"\\u0069d":true}', 'id'), 'true');
  assert.equal(fieldValue('{"id":1,"id":null}', 'id'), 'null');
  assert.equal(fieldValue('{"a":1}', 'id'), undefined);
  for (const text of ['', '[{"id":1}]', '"id"', '{"id":1', 'id', '{}', '{"id":1}x'])
    assert.equal(fieldValue(text, 'id'), undefined, text);
});

test('equal values are the same however they are written, and whole numbers that no double holds are not', () => {
  const value = (text: string) => fieldValue(`{"id":${text}}`, 'id');
  assert.equal(value('"\\u0061"'), value('"a"'));
  assert.equal(value('1.0'), value('1'));
  assert.equal(value('{"a": [ 1 ]}'), value('{"a":[1]}'));
  assert.notEqual(value('9007199254740993'), value('9007199254740992'));
  assert.notEqual(value('"1"'), value('1'));
  assert.notEqual(value(`"${'x'.repeat(100)}a"`), value(`"${'x'.repeat(100)}b"`));
  assert.ok((value(`"${'x'.repeat(100_000)}"`) ?? '').length < 100);
});

test('it is the value that JSON.parse finds', () => {
  const key = fc.constantFrom('a', 'id', '"', '\\', 'é', '');
  fc.assert(
    fc.property(
      fc.dictionary(key, fc.jsonValue({ maxDepth: 2 })),
      key,
      fc.constantFrom(undefined, 1, '\t'),
      (object, field, indent) => {
        const expected = Object.hasOwn(object, field) ? JSON.stringify(JSON.parse(JSON.stringify(object[field]))) : undefined;
        if (expected !== undefined && (expected.length > 64 || /\d{16}/.test(expected))) return;
        assert.equal(fieldValue(JSON.stringify(object, null, indent), field), expected);
      },
    ),
    { numRuns: 500 },
  );
});
