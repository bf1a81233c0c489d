import { CONTEXT_BYTES, HEAD_BYTES } from './fingerprint.ts';
import { OpenFile } from './open-file.ts';

/** Whether all that `path` holds is in `original` too, as far as its first kilobyte and its end tell: a copy that is being made has less. */
export async function isCopy(path: string, original: string): Promise<boolean> {
  const files = await Promise.all([OpenFile.open(path), OpenFile.open(original)]);
  try {
    const [copy, from] = files;
    if (copy === undefined || from === undefined) return true;
    const { size } = await copy.stat();
    const end = Math.max(0, size - CONTEXT_BYTES);
    return (await isSame(copy, from, 0, Math.min(size, HEAD_BYTES))) && (await isSame(copy, from, end, size - end));
  } finally {
    await Promise.all(files.map((file) => file?.close()));
  }
}

async function isSame(a: OpenFile, b: OpenFile, position: number, length: number): Promise<boolean> {
  const [ofA, ofB] = await Promise.all([a.read(position, length), b.read(position, length)]);
  return ofA.equals(ofB);
}
