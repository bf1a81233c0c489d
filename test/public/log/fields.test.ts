import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compactLine } from '../../../public/src/log/compact.ts';
import { findFields } from '../../../public/src/log/fields.ts';
import { parseJson } from '../../../public/src/log/json-node.ts';

function compact(text: string, withTime = false): string | undefined {
  const fields = findFields(text);
  return fields === undefined ? undefined : compactLine(fields, withTime).text;
}

test('JSON is read as it is written: every digit, keys in their order and as often as they come', () => {
  const text = '{"b":12345678901234567890,"2":1.50,"1":null,"b":"x\\u0041\\n\\"","__proto__":[true,-0,1e5,{}]}';
  const root = parseJson(text);
  assert.ok(root?.kind === 'object');
  assert.equal(root.source, text);
  assert.deepEqual(
    root.entries.map(([key, node]) => [key, node.kind === 'string' ? node.value : node.source]),
    [
      ['b', '12345678901234567890'],
      ['2', '1.50'],
      ['1', 'null'],
      ['b', 'xA\n"'],
      ['__proto__', '[true,-0,1e5,{}]'],
    ],
  );
});

test('what JSON.parse refuses is not JSON here either', () => {
  for (const text of [
    '',
    '{',
    '{}x',
    '{"a":1,}',
    '[1,]',
    '{a:1}',
    "{'a':1}",
    '01',
    '1.',
    '+1',
    'nul',
    '"\\x"',
    '"a',
    '{"a" 1}',
    '[1 2]',
  ])
    assert.equal(parseJson(text), undefined, text);
  for (const text of [' {"a" : [ 1 , "b" ] } ', '[]', '{}', '-1.5E+3', 'true', '"\\ud83d\\ude00"'])
    assert.ok(parseJson(text) !== undefined, text);
});

test('JSON that is too deep or too long to be looked at is left as it is', () => {
  assert.equal(parseJson('['.repeat(100_000)), undefined);
  assert.equal(parseJson(`${'['.repeat(80)}${']'.repeat(80)}`), undefined);
  assert.equal(parseJson(`[${'1,'.repeat(30_000)}1]`), undefined);
  assert.equal(findFields(`{"a":"${'x'.repeat(70_000)}"}`), undefined);
});

const shown: [text: string, compact: string][] = [
  [
    '{"time":"2026-11-23T14:31:02Z","level":"info","msg":"retry scheduled","order":"A-1","in_ms":4000}',
    'retry scheduled order=A-1 in_ms=4000',
  ],
  ['{"level":50,"time":1795448724940,"pid":12,"msg":"failed"}', 'ERROR failed pid=12'],
  [
    '{"level":"warning","message":"slow","user":{"id":5,"name":"Ada L"},"tags":["a"]}',
    'WARNING slow user.id=5 user.name="Ada L" tags=["a"]',
  ],
  ['{"log.level":"debug","message":"x"}', 'DEBUG x'],
  ['{"severity":"odd","text":"x"}', 'x severity=odd'],
  ['{"a":"","b":"two words","c":"say \\"hi\\"","d":"x\\ny\\tz"}', 'a="" b="two words" c="say "hi"" d="x↵y z"'],
  ['{"msg":{"a":1},"n":null}', 'msg.a=1 n=null'],
  ['ts=2026-11-23T14:31:02Z level=warn msg="circuit half-open" gateway=primary', 'WARN  circuit half-open gateway=primary'],
  ['checkout failed {"order":"A-1"}', 'checkout failed order=A-1'],
];
for (const [text, expected] of shown) {
  test(`${text.slice(0, 60)} is shown as ${expected.slice(0, 40)}`, () => assert.equal(compact(text), expected));
}

test('the time stays among the fields where lines are shown as written', () => {
  assert.equal(compact('{"time":"2026-11-23T14:31:02Z","msg":"x"}', true), 'x time=2026-11-23T14:31:02Z');
});

test('many fields and long values are cut, and it says so', () => {
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, index])));
  assert.match(compact(many) ?? '', /k29=29 … 20 more$/);
  assert.match(compact(`{"a":"${'x'.repeat(500)}"}`) ?? '', /^a=x{160}…$/);
});

test('words with pairs among them keep their order, and the pairs are fields', () => {
  const fields = findFields('payment slow: order=A-1 ua="Mozilla 5.0", url=/x?a=1 (code=5)');
  assert.equal(fields?.form, 'mixed');
  assert.deepEqual(
    fields?.root.entries.map(([key, node]) => [key, node.kind === 'string' ? node.value : undefined]),
    [
      ['order', 'A-1'],
      ['ua', 'Mozilla 5.0'],
      ['url', '/x?a=1'],
      ['code', '5'],
    ],
  );
});

test('lines without names have no fields', () => {
  for (const text of ['', 'GET / 200', '{}', '{not json}', '[1,2]', '"text"', 'a == b', 'x={"', '=', '---']) {
    assert.equal(findFields(text), undefined, text);
  }
});

test('a line made to be slow is read in no time', () => {
  const started = process.cpuUsage();
  for (const text of [
    'a='.repeat(30_000),
    '"\\'.repeat(30_000),
    '{"a":'.repeat(12_000),
    'a="'.repeat(20_000),
    `${' '.repeat(65_000)}}`,
    '{"'.repeat(30_000),
  ])
    for (const end of ['', '}']) findFields(text + end);
  const { user } = process.cpuUsage(started);
  assert.ok(user < 1_000_000, `${user} µs of CPU`);
});
