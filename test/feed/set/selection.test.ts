import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { isPattern, matchesPattern, selectionOf } from '../../../server/feed/set/selection.ts';

test('* is anything within a segment, ** any number of segments, ? one character', () => {
  for (const [pattern, name, fits] of [
    ['web/*', 'web/a', true],
    ['web/*', 'web/a/b', false],
    ['web/*', 'web', false],
    ['web/*.log', 'web/a.log', true],
    ['web/*.log', 'web/a.log.1', false],
    ['**', 'a/b/c', true],
    ['**/x', 'x', true],
    ['**/x', 'a/b/x', true],
    ['web/**', 'web/a/b', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['?', 'a', true],
    ['?', 'ab', false],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['**', 'a/.b/c', false],
  ] as const)
    assert.equal(matchesPattern(pattern, name), fits, `${pattern} ${name}`);
});

test('the feeds of the service itself are meant only where the pattern says so', () => {
  assert.equal(matchesPattern('**', 'livefeed/log'), false);
  assert.equal(matchesPattern('*/log', 'livefeed/log'), false);
  assert.equal(matchesPattern('livefeed/*', 'livefeed/log'), true);
  assert.equal(matchesPattern('**', 'livefeed'), true, 'a feed that somebody else has called so');
});

test('patterns mean what picomatch says of them', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', '*', '?'), minLength: 1, maxLength: 5 });
  const segment = fc.oneof(text, fc.constantFrom('**', '*', 'a', 'b'));
  const pattern = fc
    .array(segment, { minLength: 1, maxLength: 4 })
    .filter((parts) => !parts.some(isOdd) && (parts.length === 1 || parts.at(-1) !== '**'))
    .map((parts) => parts.join('/'));
  const part = fc
    .string({ unit: fc.constantFrom('a', 'b', '.', '-'), minLength: 1, maxLength: 4 })
    .filter((one) => !/^\.\.?$/.test(one));
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(pattern, name, (glob, feed) => {
      assert.equal(matchesPattern(glob, feed), picomatch(glob, { noextglob: true })(feed), `${glob} ${feed}`);
    }),
    { numRuns: 3_000 },
  );
});

/** Where picomatch contradicts itself (of `a`, it takes the pattern a/** and not `*` with /** behind), bash and it differ, or where a segment is one that no feed can have. */
function isOdd(part: string): boolean {
  return /^\.\.?$/.test(part) || (part !== '**' && part.includes('**')) || /^\.[*?]/.test(part);
}

test('a pattern that is made to be slow is not', () => {
  const start = performance.now();
  const patterns = [`${'*a'.repeat(99)}b`, `${'**/'.repeat(66)}b`, `${'?*'.repeat(100)}`];
  for (const pattern of patterns) matchesPattern(pattern, 'a'.repeat(200));
  assert.equal(matchesPattern(`${'**/'.repeat(66)}b`, 'a/'.repeat(99).slice(0, -1)), false);
  assert.ok(performance.now() - start < 2_000);
});

test('what is no name and no pattern is neither, and the order of words does not matter', () => {
  for (const word of ['a', '{a,b}', '[ab]*', '*(a)', 'a//*', '/*', '*/', '!*', 'a b*', `*${'a'.repeat(200)}`])
    assert.equal(isPattern(word), false, word);
  assert.equal(selectionOf(['b', 'a/*', 'b']).key, selectionOf(['a/*', 'b']).key);
  assert.deepEqual(selectionOf(['b', 'a/*', 'b']).names, ['b']);
});
