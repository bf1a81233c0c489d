import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feedParts } from '../../../public/src/tabs/feed-parts.ts';

const line = (feed: string, id: string, data = '') => JSON.stringify({ feed, id, time: null, type: 'message', data });

test('what came of several feeds is taken apart into stretches of one, in order, each with the cursor behind it', () => {
  const lines = [line('a', '1'), line('a', '2', '{"feed":"b","id":"9"}'), line('a/b', '3'), line('a', '4')];
  assert.deepEqual(
    [...feedParts(lines.join('\n'))],
    [
      { feed: 'a', id: '2', data: `${lines[0]}\n${lines[1]}` },
      { feed: 'a/b', id: '3', data: lines[2] },
      { feed: 'a', id: '4', data: lines[3] },
    ],
  );
});

test('what is no envelope is left out, wherever it stands', () => {
  const [one, two] = [line('a', '1'), line('b', '2')];
  for (const wrong of ['', 'nothing', '{"feed":"a', '{"feed":"a"}', '{"feed":7,"id":"1"}']) {
    const parts = [...feedParts([wrong, one, wrong, two, wrong].join('\n'))];
    assert.deepEqual(
      parts.map(({ feed, id }) => `${feed} ${id}`),
      ['a 1', 'b 2'],
      JSON.stringify(wrong),
    );
  }
});
