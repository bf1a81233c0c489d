import type { Position } from '../position.ts';
import type { Generation } from './generation.ts';

const LF = 10;
const BLOCK_BYTES = 256 * 1024;

/** The offset behind the last LF before `end`; `end` where the last line is longer than a block; 0 where there is no line. */
export async function lastLineEnd(generation: Generation, end: number): Promise<number> {
  const start = Math.max(0, end - BLOCK_BYTES);
  const block = await readBlock(generation, start, end);
  const lf = block.lastIndexOf(LF);
  if (lf >= 0) return start + lf + 1;
  return start === 0 ? 0 : end;
}

/** The position `count` lines before `head`, over the generations given, oldest first; the start of the oldest where there are not so many. */
export async function linesBack(generations: readonly Generation[], head: Position, count: number): Promise<Position> {
  let left = count;
  let oldest = head.generation;
  for (const generation of generations.toReversed()) {
    if (generation.ordinal > head.generation) continue;
    if (!(await canRead(generation))) break;
    const isHead = generation.ordinal === head.generation;
    const found = await linesBackIn(generation, isHead ? head.offset : generation.size, left);
    if (found.left === 0) return { generation: generation.ordinal, offset: found.offset };
    left = found.left;
    oldest = generation.ordinal;
  }
  return { generation: oldest, offset: 0 };
}

/** An archive that is not whole is found out only by inflating it. */
async function canRead(generation: Generation): Promise<boolean> {
  try {
    await generation.look();
  } catch (error) {
    generation.failed(error);
  }
  return generation.fate === 'readable';
}

/** Reads backwards, block by block, counting line feeds. `left`: lines that the generation did not have. */
async function linesBackIn(generation: Generation, end: number, count: number): Promise<{ offset: number; left: number }> {
  if (count === 0) return { offset: end, left: 0 };
  let left = count;
  let blockEnd = end;
  // The line feed that ends the last line is not the start of another one.
  let skipAt = end - 1;
  while (blockEnd > 0) {
    const start = Math.max(0, blockEnd - BLOCK_BYTES);
    const block = await readBlock(generation, start, blockEnd);
    let lf = block.lastIndexOf(LF);
    while (lf >= 0) {
      if (start + lf !== skipAt) {
        left -= 1;
        if (left === 0) return { offset: start + lf + 1, left };
      }
      lf = lf === 0 ? -1 : block.lastIndexOf(LF, lf - 1);
    }
    skipAt = -1;
    blockEnd = start;
  }
  return { offset: 0, left: end > 0 ? left - 1 : left };
}

async function readBlock(generation: Generation, start: number, end: number): Promise<Buffer> {
  const chunk = await generation.readChunk(start, end);
  return chunk.bytes.subarray(chunk.start);
}
