import { begunMs, type SourceStats } from './byte-source.ts';
import { HEAD_BYTES } from './fingerprint.ts';
import { beginsWith, type Generation } from './generation.ts';

/**
 * Whether a file came after the generation, as far as times tell. One that ended earlier did not, though it may be younger: a copy of
 * what this held before it was cut. Where they overlap (a late line, one tick of the clock) the one that was begun later came later.
 */
export function isFollowedBy(generation: Generation, stats: SourceStats): boolean {
  const begun = begunMs(stats);
  if (begun > generation.mtimeMs || stats.mtimeMs < generation.mtimeMs) return begun > generation.mtimeMs;
  return begun >= generation.begunMs;
}

/** Whether both were begun in one tick of the clock, so that no times tell which came first. */
export function isOfOneTick(generation: Generation, stats: SourceStats): boolean {
  return begunMs(stats) === generation.begunMs && stats.mtimeMs === generation.mtimeMs;
}

/** Whether `part`, another file, holds what `original` began with, before or after that was cut away there. */
export async function isCopyOf(part: Generation, original: Generation): Promise<boolean> {
  await part.look();
  const { head, isRewritten, size } = original;
  if (part.size === 0 || !beginsWith(part.head, head.subarray(0, part.head.length))) return false;
  if (isRewritten && head.length > 0) return true;
  return part.size <= size && (await part.readContext(part.size)).equals(await original.readContext(part.size));
}

/** Whether `part` may be a copy of `original`, which is tailed: a part that only begins alike was begun before that. */
export function mayBeCopyOf(part: Generation, original: Generation): boolean {
  const laterMs = part.begunMs - original.begunMs;
  return laterMs > 0 || (laterMs === 0 && original.isRewritten);
}

/**
 * Whether `part`, another file, is a copy of what `original`, which is tailed, holds still, or becomes one: it is begun before the file is
 * cut (copytruncate), and until then holds nothing of its own. What is shorter than a head may be what each content begins with, unless it
 * was written behind the last change of the file: what is cut is changed then.
 */
export async function isCopyBefore(part: Generation, original: Generation): Promise<boolean> {
  if (part.isArchive || part.begunMs <= original.begunMs) return false;
  await original.look();
  if (original.isCut || original.isRewritten) return false;
  await part.look();
  if (part.size === 0) return true;
  if (part.size <= HEAD_BYTES && part.mtimeMs <= original.mtimeMs) return false;
  return isCopyOf(part, original);
}
