import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRange } from '../../server/files/byte-range.ts';

const unsatisfiable = 'unsatisfiable' as const;
const ranges: [header: string, size: number, range: [start: number, end: number] | 'unsatisfiable' | 'ignored'][] = [
  ['bytes=0-0', 10, [0, 1]],
  ['bytes=0-9', 10, [0, 10]],
  ['bytes=3-5', 10, [3, 6]],
  ['bytes=3-', 10, [3, 10]],
  ['bytes=9-9', 10, [9, 10]],
  ['bytes=5-99999999999999999999', 10, [5, 10]],
  ['bytes=-3', 10, [7, 10]],
  ['bytes=-10', 10, [0, 10]],
  ['bytes=-11', 10, [0, 10]],
  ['Bytes=0-1', 10, [0, 2]],
  ['bytes= 0-1 ', 10, [0, 2]],
  ['bytes=10-', 10, unsatisfiable],
  ['bytes=10-12', 10, unsatisfiable],
  ['bytes=99999999999999999999-', 10, unsatisfiable],
  ['bytes=-0', 10, unsatisfiable],
  ['bytes=0-', 0, unsatisfiable],
  ['bytes=-5', 0, 'ignored'],
  ['bytes=5-3', 10, 'ignored'],
  ['bytes=-', 10, 'ignored'],
  ['bytes=', 10, 'ignored'],
  ['bytes=a-b', 10, 'ignored'],
  ['bytes=1.5-2', 10, 'ignored'],
  ['bytes=+1-2', 10, 'ignored'],
  ['bytes=0x1-2', 10, 'ignored'],
  ['bytes 0-1', 10, 'ignored'],
  ['lines=0-1', 10, 'ignored'],
  ['bytes=0-1,3-4', 10, 'ignored'],
  ['bytes=0-1,', 10, 'ignored'],
  ['', 10, 'ignored'],
];

for (const [header, size, range] of ranges) {
  test(`"${header}" of ${size} bytes is ${Array.isArray(range) ? `[${range})` : range}`, () => {
    const expected = range === 'ignored' ? undefined : range === unsatisfiable ? range : { start: range[0], end: range[1] };
    assert.deepEqual(parseRange(header, size), expected);
  });
}
