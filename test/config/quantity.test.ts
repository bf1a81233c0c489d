import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Option } from '../../server/config/option.ts';
import { optionNames, options } from '../../server/config/options.ts';
import { parseBytes, parseDuration } from '../../server/config/quantity.ts';

test('a duration is a number with its unit', () => {
  const good = { '500ms': 500, '1s': 1_000, '1.5m': 90_000, '2h': 7_200_000, '1d': 86_400_000, '0s': 0 };
  for (const [text, ms] of Object.entries(good)) assert.equal(parseDuration(text), ms, text);
  for (const bad of ['', '1', 's', '-1s', '1 s', '1e3s', '1sec', '1s ', '.5s', '1.s', '9'.repeat(400)])
    assert.equal(parseDuration(bad), undefined, bad);
});

test('a size is a number, in units of 1024 where it has one', () => {
  const good = { '0': 0, '65536': 65_536, '512k': 524_288, '4M': 4_194_304, '1GiB': 1_073_741_824, '2kb': 2_048, '7B': 7 };
  for (const [text, bytes] of Object.entries(good)) assert.equal(parseBytes(text), bytes, text);
  for (const bad of ['', 'k', '-1', '1.5k', '1t', '1 k', '0x10', '1e3', '9'.repeat(400)])
    assert.equal(parseBytes(bad), undefined, bad);
});

test('a value out of its range is refused with examples that will do, and the range is one that will do at both ends', () => {
  let refused = 0;
  for (const name of optionNames) {
    const option: Option = options[name];
    if (option.kind !== 'value' || option.read.range === undefined) continue;
    const { read } = option;
    const [least = '', most = ''] = option.read.range.split(' to ');
    for (const text of [least, most]) assert.ok(Number(read(text, '/')) >= 0, `${name}: ${text}`);
    if (option.default !== undefined) read(option.default, '/');
    let words = '';
    assert.throws(
      () => read('1e3', '/'),
      (error: Error) => {
        words = error.message;
        return true;
      },
    );
    assert.ok(words.includes(`from ${least} to ${most}`), words);
    const examples = words.split(', like ')[1]?.split(' or ') ?? [];
    for (const example of examples) assert.ok(Number(read(example, '/')) > 0, `${name}: ${example} of "${words}"`);
    refused += examples.length;
  }
  assert.ok(refused > 10, `${refused} examples`);
});

test('a drain of no time is refused, since a second signal is what ends the service at once', () => {
  assert.throws(
    () => options.drain.read('0s', '/'),
    /^UsageError: "0s" will not do: give a duration from 1s to 10m with its unit, like 10s or 5m$/,
  );
});
