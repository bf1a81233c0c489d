import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldTerm, withTerm } from '../../../public/src/log/field-term.ts';
import { findHits, matches, NO_FILTER, parseFilter } from '../../../public/src/log/filter.ts';

test('every term must be there, in any case, and no hidden term', () => {
  const filter = parseFilter('checkout !healthz');
  assert.ok(matches(filter, 'GET /api/Checkout/cart'));
  assert.ok(!matches(filter, 'GET /checkout/healthz'));
  assert.ok(!matches(filter, 'GET /cart'));
});

test('quotes keep spaces together, also while the second is not typed yet', () => {
  assert.ok(matches(parseFilter('"timed out"'), 'gateway timed out after'));
  assert.ok(!matches(parseFilter('"timed out"'), 'out timed'));
  assert.ok(!matches(parseFilter('!"timed ou'), 'gateway timed out'));
});

test('a term is only ever the text that it is', () => {
  assert.ok(matches(parseFilter('a.b*(c)[d]'), 'x a.b*(c)[d] y'));
  assert.ok(!matches(parseFilter('a.b'), 'axb'));
});

test('nothing typed, or a lone exclamation mark, hides nothing', () => {
  assert.equal(parseFilter('   '), NO_FILTER);
  assert.equal(parseFilter('!'), NO_FILTER);
});

test('hits that overlap are marked once', () => {
  assert.deepEqual(findHits(parseFilter('check eckout'), 'a checkout, a check'), [
    [2, 10],
    [14, 19],
  ]);
});

test('name==value asks for a field with exactly this value, in JSON and logfmt, however they are spaced and escaped', () => {
  const filter = parseFilter('status==200');
  for (const text of [
    '{"status":200,"x":1}',
    '{"status" : 200 }',
    '{"a":{"status":"200"}}',
    'status=200 x=1',
    'at=1 status="200"',
  ])
    assert.ok(matches(filter, text), text);
  for (const text of ['{"status":2000}', '{"status":"200 ok"}', '{"http_status":200}', 'xstatus=200', 'status=2000', '200'])
    assert.ok(!matches(filter, text), text);
  assert.ok(matches(parseFilter('!status==200'), 'status=2000'));
  assert.ok(!matches(parseFilter('!status==200'), 'status=200'));
});

test('the term that is made for a field finds that field again, whatever its value is', () => {
  for (const value of ['A-88213', 'two words', 'say "hi" \\ bye', 'café/menu', '', '!x', '==', '-1.5e3', '(a|b)*$']) {
    const term = fieldTerm('msg', value);
    assert.ok(term !== undefined, value);
    const filter = parseFilter(`before ${term}`);
    const ascii = JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    for (const json of [JSON.stringify(value), ascii, JSON.stringify(value).replaceAll('/', '\\/')])
      assert.ok(matches(filter, `before {"msg": ${json}}`), `${term} in ${json}`);
    assert.ok(matches(filter, `before msg="${value.replace(/["\\]/g, '\\$&')}"`), `${term} in logfmt`);
    assert.ok(!matches(filter, `before {"msg":"${'x'}"}`), term);
    assert.equal(parseFilter(term).wanted.length, 1, term);
  }
});

test('a field without a name that can be written, and a value of a page, have no term', () => {
  assert.equal(fieldTerm('odd name', 'x'), undefined);
  assert.equal(fieldTerm('stack', 'x'.repeat(201)), undefined);
  assert.equal(fieldTerm('stack', 'a\nb'), undefined);
});

test('a term is added once, and takes the place of its opposite', () => {
  assert.equal(withTerm('', 'a==1', false), 'a==1');
  assert.equal(withTerm('checkout !healthz "a b"', 'm=="x y"', true), 'checkout !healthz "a b" !m=="x y"');
  assert.equal(withTerm('x !m=="x y" z', 'm=="x y"', false), 'x z m=="x y"');
  assert.equal(withTerm('m=="x y"', 'm=="x y"', false), 'm=="x y"');
});

test('in quotes a backslash takes away what a quote means, and nothing else', () => {
  assert.ok(matches(parseFilter('"say \\"hi\\""'), 'they say "hi"'));
  assert.ok(matches(parseFilter('"C:\\temp"'), 'in C:\\temp'));
});
