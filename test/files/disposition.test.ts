import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attachment } from '../../server/files/disposition.ts';

const dispositions: [name: string, header: string][] = [
  ['report.pdf', 'attachment; filename="report.pdf"'],
  ['my report (1).pdf', 'attachment; filename="my report (1).pdf"'],
  ['Übersicht.txt', `attachment; filename="_bersicht.txt"; filename*=UTF-8''%C3%9Cbersicht.txt`],
  ['日志 2026.log', `attachment; filename="__ 2026.log"; filename*=UTF-8''%E6%97%A5%E5%BF%97%202026.log`],
  ['😀.gif', `attachment; filename="_.gif"; filename*=UTF-8''%F0%9F%98%80.gif`],
  ['a"b\\c', `attachment; filename="a_b_c"; filename*=UTF-8''a%22b%5Cc`],
  ["it's*(odd)é", `attachment; filename="it's*(odd)_"; filename*=UTF-8''it%27s%2A%28odd%29%C3%A9`],
  ['line\r\nSet-Cookie: a', `attachment; filename="line__Set-Cookie: a"; filename*=UTF-8''line%0D%0ASet-Cookie%3A%20a`],
  ['50%41.txt', `attachment; filename="50%41.txt"; filename*=UTF-8''50%2541.txt`],
  ['100%.txt', 'attachment; filename="100%.txt"'],
  ['lone \ud800', `attachment; filename="lone _"; filename*=UTF-8''lone%20%EF%BF%BD`],
];

for (const [name, header] of dispositions) {
  test(`${JSON.stringify(name)} is saved under its name`, () => assert.equal(attachment(name), header));
}

test('any name makes a header of the grammar, from which the name can be read back', () => {
  const grammar =
    /^attachment; filename="([\x20\x21\x23-\x5b\x5d-\x7e]*)"(?:; filename\*=UTF-8''((?:%[0-9A-F]{2}|[A-Za-z0-9!#$&+.^_`|~-])*))?$/;
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const [, plain, extended] = grammar.exec(attachment(name)) ?? [];
      assert.equal(extended === undefined ? plain : decodeURIComponent(extended), name);
    }),
  );
});
