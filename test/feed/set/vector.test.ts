import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cursor, parseCursor } from '../../../server/feed/cursor.ts';
import { entryText, hashesOf, MAX_FEEDS, parseVector, vectorOf } from '../../../server/feed/set/vector.ts';

function encode(cursors: ReadonlyMap<string, Cursor>): Cursor {
  const hashes = hashesOf([...cursors.keys()]);
  return vectorOf([...cursors].map(([name, cursor]) => entryText({ hash: hashes.get(name) ?? '', cursor })));
}

/** Two names with the same hash of `length` digits. */
function colliding(length: number): [string, string] {
  const seen = new Map<string, string>();
  for (let number = 0; ; number += 1) {
    const name = `feed-${number}`;
    const hash = createHash('sha256').update(name).digest('base64url').slice(0, length);
    const other = seen.get(hash);
    if (other !== undefined) return [other, name];
    seen.set(hash, name);
  }
}

const cursors = fc.string({ unit: fc.constantFrom(...'AZaz09._~-'), minLength: 1, maxLength: 40 }).map((text) => text as Cursor);

test('a vector gives each feed its own cursor back, whichever other feeds there are by then', () => {
  const feeds = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), cursors, { maxKeys: MAX_FEEDS });
  fc.assert(
    fc.property(feeds, fc.array(fc.stringMatching(/^[a-z]{1,8}$/)), (given, others) => {
      const named = new Map(Object.entries(given));
      const text = encode(named);
      assert.match(text, /^[A-Za-z0-9._~-]+$/);
      const found = parseVector(text)?.cursorsOf([...new Set([...others, ...named.keys()])]);
      assert.deepEqual(found, named);
    }),
  );
});

test('32 feeds with the longest cursors make at most 1.6 KB', () => {
  const [one, other] = colliding(4);
  const names = [one, other, ...Array.from({ length: 30 }, (_, index) => `web/app-${index}.log`)];
  const text = encode(new Map(names.map((name) => [name, 'f'.repeat(40) as Cursor])));
  assert.ok(text.length <= 1_600, `${text.length}`);
});

test('feeds whose names have the same short hash are told apart', () => {
  const [one, other] = colliding(4);
  const named = new Map([one, other, 'c'].map((name) => [name, `cursor-of-${name}` as Cursor]));
  assert.deepEqual(parseVector(encode(named))?.cursorsOf([...named.keys()]), named);
  assert.deepEqual(parseVector(encode(named))?.cursorsOf([one]), new Map([[one, named.get(one)]]));
});

test('where a feed has come whose name has the hash of another, neither is guessed', () => {
  const [one, other] = colliding(4);
  const vector = parseVector(encode(new Map([[one, 'cursor' as Cursor]])));
  assert.deepEqual(
    vector?.cursorsOf([one, other]),
    new Map([
      [one, 'ambiguous'],
      [other, 'ambiguous'],
    ]),
  );
  assert.deepEqual(vector?.cursorsOf([one]), new Map([[one, 'cursor']]));
});

test('anything else is not a vector, and none makes the parser fail', () => {
  const text = encode(new Map([['a', 'cursor' as Cursor]]));
  for (const bad of [
    '',
    'x',
    text.slice(0, -1),
    `${text}x`,
    `${text} `,
    text.slice(1),
    'vabcdA',
    `v${'a'.repeat(2_000)}`,
    'v~',
    'vé',
  ])
    assert.equal(parseVector(bad), undefined, bad);
  assert.notEqual(parseVector('v'), undefined, 'a set without feeds');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'vAz0._~-'), maxLength: 100 }), (noise) => {
      for (const cursor of parseVector(`v${noise}`)?.cursorsOf(['a', 'b']).values() ?? [])
        assert.ok(cursor === 'ambiguous' || parseCursor(cursor) !== undefined);
    }),
  );
});
