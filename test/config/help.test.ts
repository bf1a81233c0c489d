import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { helpText } from '../../server/config/help.ts';
import { flagOf, variableOf } from '../../server/config/option.ts';
import { optionNames } from '../../server/config/options.ts';
import { optionsDocument } from '../../server/config/options-document.ts';

test('the help names every option in lines that fit a terminal', () => {
  const text = helpText();
  for (const name of optionNames.filter((option) => option !== 'paths')) assert.ok(text.includes(`${flagOf(name)}`), name);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
});

test('flags and variables are made from the names of the options', () => {
  assert.equal(flagOf('allowHost'), '--allow-host');
  assert.equal(variableOf('partialTimeout'), 'LIVEFEED_PARTIAL_TIMEOUT');
});

test('docs/options.md is what the table of options says (npm run docs mends it)', () => {
  assert.equal(readFileSync(new URL('../../docs/options.md', import.meta.url), 'utf8'), optionsDocument());
});
