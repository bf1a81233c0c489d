import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyText } from '../../../public/src/log/copy-text.ts';
import { LineStore } from '../../../public/src/log/line-store.ts';

const line = (text: string, cut = false) => ({ text, time: null, cut });

test('the oldest rows are dropped beyond the bound, and counted', () => {
  const store = new LineStore({ maxRows: 10, maxCharacters: 1000 });
  for (let number = 0; number < 25_000; number += 1) store.addLine(line(`${number}`));
  assert.equal(store.lines, 10);
  assert.equal(store.droppedLines, 24_990);
  assert.equal(store.firstSeq, 24_990);
  assert.deepEqual([...store.rows()].map((row) => row.kind === 'line' && row.text).slice(0, 2), ['24990', '24991']);
  const kept = store.get(24_995);
  assert.equal(kept?.kind === 'line' && kept.text, '24995');
  assert.equal(store.get(5), undefined);
});

test('long lines count by their length, and one line is always kept', () => {
  const store = new LineStore({ maxRows: 10, maxCharacters: 100 });
  for (let number = 0; number < 3; number += 1) store.addLine(line('x'.repeat(60)));
  assert.equal(store.lines, 1);
  store.addLine(line('y'.repeat(500)));
  assert.equal(copyText(store.rows()), `${'y'.repeat(500)}\n`);
});

test('levels are counted while their lines are kept, and stack frames share the level but not the count', () => {
  const store = new LineStore({ maxRows: 3, maxCharacters: 1000 });
  store.addLine(line('ERROR a'));
  const frame = store.addLine(line('    at b'));
  assert.equal(frame.level, 'error');
  assert.deepEqual(store.levels, { error: 1, warn: 0, debug: 0 });
  for (const text of ['WARN c', 'd', 'e']) store.addLine(line(text));
  assert.deepEqual(store.levels, { error: 0, warn: 1, debug: 0 });
});

test('copied text is the lines as they came: escapes kept, cut pieces joined, notes left out', () => {
  const store = new LineStore();
  store.addLine(line('\u001b[31mred\u001b[0m'));
  store.addNote('gap', 'something is missing');
  store.addLine(line('first piece, ', true));
  store.addLine(line('second piece'));
  store.addLine(line(''));
  assert.equal(copyText(store.rows()), '\u001b[31mred\u001b[0m\nfirst piece, second piece\n\n');
});
