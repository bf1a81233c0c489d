import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../server/config/near.ts';

test('a slip of the fingers finds what was meant', () => {
  const names = ['--port', '--host', '--follow-links', '--files'];
  for (const [text, meant] of [
    ['--prot', '--port'],
    ['--por', '--port'],
    ['--ports-all', '--port'],
    ['--follow', '--follow-links'],
    ['--folow-link', '--follow-links'],
    ['--hots', '--host'],
  ] as const)
    assert.equal(nearest(text, names), meant, text);
});

test('nothing is suggested where nothing is near', () => {
  assert.equal(nearest('--colour', ['--port', '--host']), undefined);
  assert.equal(nearest('', ['a', 'bc']), 'a');
  assert.equal(nearest('x', []), undefined);
});
