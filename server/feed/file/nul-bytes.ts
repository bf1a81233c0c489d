const ZEROS = Buffer.alloc(256 * 1024);

/** The index of the first byte that is no NUL; the length where there is none. */
export function firstOther(block: Buffer): number {
  let at = 0;
  while (at < block.length && isAllNul(block.subarray(at, at + ZEROS.length))) at += ZEROS.length;
  while (at < block.length && block[at] === 0) at += 1;
  return Math.min(at, block.length);
}

/** The index behind the last byte that is no NUL; 0 where there is none. */
export function behindLastOther(block: Buffer): number {
  let at = block.length;
  while (at > 0 && isAllNul(block.subarray(Math.max(0, at - ZEROS.length), at))) at = Math.max(0, at - ZEROS.length);
  while (at > 0 && block[at - 1] === 0) at -= 1;
  return at;
}

function isAllNul(piece: Buffer): boolean {
  return piece.equals(ZEROS.subarray(0, piece.length));
}
