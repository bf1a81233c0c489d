import type { SourceStats } from './byte-source.ts';
import type { Generation } from './generation.ts';
import { closeAll, type Sibling } from './siblings.ts';
import { isCopyOf, isFollowedBy, mayBeCopyOf } from './succession.ts';

export interface BetweenOptions {
  /** What the path names now. */
  readonly current: SourceStats | undefined;
  readonly isKnown: (stats: SourceStats) => boolean;
  readonly open: (sibling: Sibling) => Promise<Generation>;
}

/**
 * The parts among `siblings` that came after `latest` and before those that follow it, opened; closes the others. A copy of what
 * follows is none while that is not cut.
 */
export async function findBetween(
  latest: Generation,
  following: readonly Generation[],
  siblings: readonly Sibling[],
  { current, isKnown, open }: BetweenOptions,
): Promise<Generation[]> {
  const place = siblings.findIndex(({ stats }) => latest.isSameFile(stats));
  const isAfter = ({ stats }: Sibling, index: number) => (place >= 0 ? index > place : isFollowedBy(latest, stats));
  const isBefore = beforeAll(following, siblings, current);
  const candidates = siblings.filter((each, index) => !isKnown(each.stats) && isAfter(each, index) && isBefore(each, index));
  await closeAll(siblings.filter((sibling) => !candidates.includes(sibling)));
  if (candidates.length > 0) for (const generation of [latest, ...following]) await generation.look();
  const between: Generation[] = [];
  for (const candidate of candidates) {
    const part = await open(candidate);
    const original = await originalOf(part, following);
    // What was cut before its turn came is kept in the copy; its file is what it holds now.
    if (original?.isRewritten) await original.beginAnew();
    // One that was renamed lies among them; one that was replaced may have left a copy, made before, which holds nothing new.
    else if (original !== undefined || (place < 0 && (await isBackup(part, latest)))) {
      await part.close();
      continue;
    }
    between.push(part);
  }
  return between;
}

/** What follows may lie at the path, among its older parts, or nowhere any more; the last of these leaves only the times to tell. */
function beforeAll(following: readonly Generation[], siblings: readonly Sibling[], current: SourceStats | undefined) {
  const end = siblings.findIndex(({ stats }) => following.some((generation) => generation.isSameFile(stats)));
  const [next] = following;
  const isThere = [current, ...siblings.map(({ stats }) => stats)].some((stats) => stats && next?.isSameFile(stats));
  return ({ stats }: Sibling, index: number): boolean =>
    (end < 0 || index < end) && (isThere || next === undefined || !isFollowedBy(next, stats));
}

async function originalOf(part: Generation, tailed: readonly Generation[]): Promise<Generation | undefined> {
  for (const generation of tailed) if (mayBeCopyOf(part, generation) && (await copies(part, generation))) return generation;
  return undefined;
}

/** A copy of all that `latest` held: one that was begun behind its last change and holds less, as a banner alone, is a part. */
async function isBackup(part: Generation, latest: Generation): Promise<boolean> {
  if (!(await copies(part, latest))) return false;
  return part.begunMs < latest.mtimeMs || part.size === latest.size;
}

function copies(part: Generation, original: Generation): Promise<boolean> {
  return isCopyOf(part, original).catch(() => false);
}
