import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FILTER } from '../../../public/src/log/filter.ts';
import { findLevel } from '../../../public/src/log/level.ts';
import type { LineRow } from '../../../public/src/log/row.ts';
import { type Preferences, parsePreferences } from '../../../public/src/preferences.ts';
import { lineContent } from '../../../public/src/view/line-content.ts';
import { piecesOf } from '../../../public/src/view/line-pieces.ts';
import { agoWords, clockWords } from '../../../public/src/view/row-time.ts';

function content(text: string, preferences: Partial<Preferences> = {}, whole = false) {
  const row: LineRow = { kind: 'line', seq: 0, text, time: null, cut: false, level: findLevel(text).level, continued: false };
  const look = {
    filter: NO_FILTER,
    preferences: { ...parsePreferences(null, false), ...preferences },
    opened: new Set<number>(),
    rows: { numberOf: () => undefined, framesUnder: () => [] },
  };
  return lineContent(row, look, whole);
}

const drawn = (...given: Parameters<typeof content>) =>
  content(...given)
    .spans.map(({ text }) => text)
    .join('');

test('the time is cut from the line where it is shown in its column or nowhere, and stays where it is shown as written', () => {
  const text = '2026-11-23T14:31:02.118Z INFO x';
  for (const times of ['clock', 'ago', 'none'] as const) assert.equal(drawn(text, { times }), 'INFO x');
  assert.equal(drawn(text, { times: 'written' }), text);
});

test('JSON is compact or as it is written', () => {
  const text = '{"level":50,"msg":"failed","order":5}';
  assert.equal(drawn(text), 'ERROR failed order=5');
  assert.equal(drawn(text, { fields: 'written' }), `ERROR ${text}`);
});

test('a level that is a number or a letter is told by its word, once', () => {
  assert.equal(drawn('<11>Nov 23 14:31:02 host app: broke'), 'ERROR host app: broke');
  assert.equal(drawn('W1123 14:31:02.118 1 main.go:1] slow'), 'WARN 1 main.go:1] slow');
  assert.equal(drawn('[error] broke'), '[error] broke');
  assert.equal(drawn('INFO fine'), 'INFO fine');
  assert.equal(drawn('2026-11-23 14:31:02 ERROR broke {"order":5}'), 'ERROR broke order=5');
});

test('a long line is cut, sooner where it wraps, never within a character, and whole for who asks', () => {
  const text = '😀'.repeat(10_000);
  assert.equal(drawn(text).length, 4_000);
  assert.equal(content(text).more, 'Show all 40.0 kB');
  assert.equal(drawn(text, { wrap: true }).length, 1_000);
  assert.equal(drawn(`x${text}`).length, 3_999);
  assert.equal(drawn(text, {}, true), text);
  assert.equal(content('short').more, undefined);
});

test('hostile lines take no time to be drawn, cut or whole', () => {
  const esc = '\u001b';
  const hostile = [
    '\u202e',
    '\t',
    'Z\u0300\u0301\u0302',
    `${esc}[31;4mx`,
    `${esc}[`,
    `${esc}]0;`,
    'a=b ',
    '{"a":',
    '[',
    '(',
    '"\\',
    '<b>',
    'ERROR ',
    'level',
    '\n  at x',
    '2026-11-23 ',
  ];
  const started = process.cpuUsage();
  for (const piece of hostile)
    for (const whole of [false, true]) content(piece.repeat(Math.ceil(262_144 / piece.length)), {}, whole);
  const { user } = process.cpuUsage(started);
  assert.ok(user < 4_000_000, `${user} µs of CPU`);
});

test('an event of many lines is cut after thirty', () => {
  const text = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n');
  assert.equal(drawn(text).split('\n').length, 30);
  assert.equal(content(text).more, 'Show all 100 lines');
});

test('the frames of an event of several lines are folded, and what it says is not', () => {
  const text =
    'ERROR it broke\nError: no room\n    at a (b.js:1:2)\n    at c (d.js:3:4)\nCaused by: Error: full\n    at e (f.js:5:6)';
  assert.equal(drawn(text), 'ERROR it broke\nError: no room\nCaused by: Error: full');
  assert.equal(content(text).more, '+ 3 lines');
  assert.equal(drawn(text, {}, true), text);
  assert.equal(drawn(text, { fold: false }), text);
});

test('a whole line is laid out in pieces of 16,000 characters that are the line again, in their colours', () => {
  const spans = content(`\u001b[31m${'😀'.repeat(20_000)}\u001b[0m${'x'.repeat(50_001)}`, {}, true).spans;
  const pieces = piecesOf(spans);
  assert.equal(
    pieces
      .flat()
      .map(({ text }) => text)
      .join(''),
    '😀'.repeat(20_000) + 'x'.repeat(50_001),
  );
  assert.ok(pieces.every((piece) => piece.reduce((sum, { text }) => sum + text.length, 0) <= 16_000));
  assert.equal(pieces[2]?.[0]?.style, 'fg1');
  assert.deepEqual(piecesOf([]), [[]]);
});

test('times are of this machine or UTC, to the millisecond where the line is, or so long ago', () => {
  const ms = Date.UTC(2026, 10, 23, 14, 31, 2, 118);
  assert.equal(clockWords(ms, true, 'utc'), '14:31:02.118');
  assert.equal(clockWords(ms, false, 'utc'), '14:31:02');
  const date = new Date(ms);
  assert.equal(clockWords(ms, false, 'local').slice(0, 2), String(date.getHours()).padStart(2, '0'));
  assert.equal(agoWords(ms, ms + 12_400), '12 s ago');
  assert.equal(agoWords(ms, ms + 300), 'now');
  assert.equal(agoWords(ms, ms - 3_000), 'in 3 s');
});
