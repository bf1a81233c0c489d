import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteWords } from '../../../public/src/status/note-words.ts';
import { formatClock } from '../../../public/src/units.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 14, 31, 9);
const clock = formatClock(NOW_MS);
const note = (type: Parameters<typeof noteWords>[0], data = {}) => noteWords(type, data, 'web/error.log', NOW_MS);

test('a gap says how much is missing, and why', () => {
  assert.deepEqual(note('feed.gap', { reason: 'truncated', bytes: 1_200_000 }), {
    tone: 'gap',
    words: `1.2 MB missing: error.log was truncated before it was read · ${clock}`,
  });
  assert.match(
    note('feed.gap', { reason: 'expired', events: 3 })?.words ?? '',
    /^3 lines missing: error.log no longer keeps them/,
  );
  assert.match(
    note('feed.gap', { reason: 'ambiguous', bytes: null })?.words ?? '',
    /^Lines may be missing, how many cannot be known/,
  );
  assert.match(note('feed.gap', { reason: 'newer-than-us', bytes: 1 })?.words ?? '', /the service says “newer-than-us”/);
});

test('of feeds that are read together, one that comes, goes or is left out is told by its name', () => {
  assert.equal(note('feed.added')?.words, `error.log has come, it is read from its oldest line · ${clock}`);
  assert.equal(note('feed.removed')?.words, `error.log is no more, the others go on · ${clock}`);
  const skipped = note('feed.skipped', { reason: 'unknown-feed', count: 2, feeds: ['web/a.log', 'b.log'] });
  assert.deepEqual(skipped, { tone: 'gap', words: `Without a.log, b.log: they are not there. The others go on · ${clock}` });
  assert.equal(note('feed.skipped', { reason: 'nul', bytes: 3 }), undefined);
  const gap = noteWords('feed.gap', { reason: 'expired', events: 3 }, 'web/a.log', NOW_MS, 'web/a.log');
  assert.match(gap?.words ?? '', /^3 lines missing: web\/a.log no longer keeps them/);
});

test('a rotation, a truncation, a file that goes and comes back are rows of their own', () => {
  assert.equal(note('feed.rotated')?.words, `error.log was rotated, a new file begins · ${clock}`);
  assert.equal(note('feed.truncated', { bytes: 999 })?.words, `error.log was truncated at 999 B, it begins again · ${clock}`);
  assert.equal(note('feed.gone')?.tone, 'plain');
  assert.match(note('feed.back')?.words ?? '', /is there again/);
});

test('events that have no place in the log make no row', () => {
  for (const type of ['feed.open', 'feed.beat', 'feed.partial', 'feed.closing'] as const) assert.equal(note(type), undefined);
});
