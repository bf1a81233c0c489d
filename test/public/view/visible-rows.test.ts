import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '../../../public/src/log/row.ts';
import { VisibleRows } from '../../../public/src/view/visible-rows.ts';

const row = (seq: number): Row => ({ kind: 'line', seq, text: '', time: null, cut: false, level: undefined, continued: false });
const heightOf = (seq: number) => 10 + (seq % 7);

function filled(count: number): VisibleRows {
  const rows = new VisibleRows(({ seq }) => heightOf(seq));
  for (let seq = 0; seq < count; seq += 1) rows.append(row(seq));
  return rows;
}

test('every row is found by its offset, and every offset by its row', () => {
  const rows = filled(1_000);
  let offset = 0;
  for (let index = 0; index < 1_000; index += 1) {
    assert.equal(rows.offsetOf(index), offset);
    assert.equal(rows.indexAt(offset), index);
    assert.equal(rows.indexAt(offset + heightOf(index) - 1), index);
    offset += heightOf(index);
  }
  assert.equal(rows.total, offset);
  assert.equal(rows.indexAt(offset + 999), 999);
  assert.equal(rows.indexAt(-5), 0);
});

test('numbers stay when the oldest are dropped, and dropped rows have no height', () => {
  const rows = filled(20_000);
  const total = rows.total;
  const gone = rows.offsetOf(15_000);
  rows.dropBefore(15_000);
  assert.equal(rows.first, 15_000);
  assert.equal(rows.end, 20_000);
  assert.equal(rows.lines, 5_000);
  assert.equal(rows.offsetOf(15_000), 0);
  assert.equal(rows.total, total - gone);
  assert.equal(rows.at(15_000)?.seq, 15_000);
  assert.equal(rows.at(14_999), undefined);
  assert.equal(rows.indexAt(0), 15_000);
  rows.append(row(20_000));
  assert.equal(rows.indexOfSeq(20_000), 20_000);
});

test('a height that was measured moves what is below, and nothing else', () => {
  const rows = filled(300);
  const before = rows.offsetOf(200);
  rows.setHeight(150, heightOf(150) + 33);
  assert.equal(rows.offsetOf(150), rows.offsetOf(149) + heightOf(149));
  assert.equal(rows.offsetOf(200), before + 33);
});

test('a row that the filter hides is found as the next one that is shown', () => {
  const rows = new VisibleRows(() => 10);
  rows.replace([0, 10, 20, 30].map(row));
  assert.equal(rows.indexOfSeq(20), 2);
  assert.equal(rows.indexOfSeq(11), 2);
  assert.equal(rows.indexOfSeq(99), 4);
});
