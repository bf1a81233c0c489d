import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Chunk } from '../../../public/src/log/chunk.ts';
import { ChunkStore, type Place } from '../../../public/src/log/chunk-store.ts';
import { LineNumbers } from '../../../public/src/log/line-numbers.ts';
import { type Lines, LinesBuilder } from '../../../public/src/log/lines.ts';

function linesOf(count: number): Lines {
  const builder = new LinesBuilder('c');
  for (let index = 0; index < count; index += 1) builder.addLine({ text: `${index}`, time: null, cut: false, id: 'c' });
  return builder.take();
}

const at = (chunk: Chunk | undefined, index: number): Place => ({ chunk: chunk as Chunk, index });

test('lines are numbered from the first that is loaded, those fetched before it count down from 0, and none changes its number', () => {
  const store = new ChunkStore(1e9);
  store.append(linesOf(2_500));
  const numbers = new LineNumbers(store);
  const [first, second, third] = store.chunks;
  const beforeThird = (first?.lines ?? 0) + (second?.lines ?? 0);
  assert.equal(numbers.numberOf(at(first, 0)), 1);
  assert.equal(numbers.numberOf(at(third, 7)), beforeThird + 8);
  const [before] = store.insertBefore(first as Chunk, linesOf(100), undefined);
  assert.equal(numbers.numberOf(at(before, 99)), 0);
  assert.equal(numbers.numberOf(at(before, 0)), -99);
  assert.equal(numbers.numberOf(at(first, 0)), 1);
  store.drop(first as Chunk);
  assert.equal(numbers.numberOf(at(third, 0)), beforeThird + 1);
});

test('a rotation between the lines has no number', () => {
  const builder = new LinesBuilder('c');
  builder.addLine({ text: 'a', time: null, cut: false, id: 'c' });
  builder.addNote({ tone: 'plain', words: 'rotated' });
  builder.addLine({ text: 'b', time: null, cut: false, id: 'c' });
  const store = new ChunkStore(1e9);
  store.append(builder.take());
  assert.equal(new LineNumbers(store).numberOf(at(store.first, 2)), 2);
});
