import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SseEvents } from '../../../public/src/connection/sse-events.ts';

const STREAM = `retry: 2113

:CHECKSUM 12
event: feed.open
id: a1
data: {"feed":"x"}

: beat

id: a2
data: one
data: two

event: nothing

data:no space
data:

`;
const EVENTS = [
  { type: 'feed.open', data: '{"feed":"x"}', id: 'a1' },
  { type: 'message', data: 'one\ntwo', id: 'a2' },
  { type: 'message', data: 'no space\n', id: undefined },
];

test('an event stream is the same events wherever it is cut', () => {
  for (let cut = 0; cut <= STREAM.length; cut += 1) {
    const events = new SseEvents();
    assert.deepEqual([...events.push(STREAM.slice(0, cut)), ...events.push(STREAM.slice(cut))], EVENTS, `cut at ${cut}`);
  }
  const events = new SseEvents();
  assert.deepEqual(
    [...STREAM].flatMap((character) => [...events.push(character)]),
    EVENTS,
    'cut everywhere',
  );
});

test('an event that has not ended is none', () => {
  assert.deepEqual([...new SseEvents().push('data: half\n')], []);
});
