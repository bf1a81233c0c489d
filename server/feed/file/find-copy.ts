import { bornMs, TICK_MS } from './byte-source.ts';
import { HEAD_BYTES } from './fingerprint.ts';
import { beginsWith, type Generation } from './generation.ts';
import { closeAll, type Sibling } from './siblings.ts';

/** A place in the content that is looked for. */
export interface Place {
  /** What lay before `offset`, where that is known. */
  readonly context: Buffer | undefined;
  readonly offset: number;
}

interface TellingPlace extends Place {
  /** Whether that tells the content apart from all others: then the last copy that has it is the one. */
  readonly isSure: boolean;
}

/**
 * What tells the content of a file that was cut: where somebody stood who found that out, and what others have seen. In the first
 * kilobyte the latter tells more; where what came to the file since begins with the same, the former tells nothing.
 */
export function tellingPlaces(generation: Generation, renewed: Generation | undefined, found: Place): readonly TellingPlace[] {
  const { head, witness } = generation;
  const seen = witness === undefined ? [] : [{ context: witness.bytes, offset: witness.offset, isSure: false }];
  if (found.offset > HEAD_BYTES) return [{ ...found, isSure: true }, ...seen];
  const beginsAlike = head.length === HEAD_BYTES && renewed?.head.equals(head) === true;
  return seen.length > 0 || beginsAlike ? seen : [{ ...found, isSure: false }];
}

type Opening = (sibling: Sibling) => Promise<Generation>;

/**
 * The copy of a file that was cut (copytruncate), among older parts that are not known yet; closes the others. It must have been
 * made since the file was opened and, where it is not sure that the content tells, be the only one that fits: never a guess. The
 * first of the places that is in one decides: lines behind the end of the copy may have been read before the file was cut.
 */
export async function findCopy(
  generation: Generation,
  siblings: readonly Sibling[],
  { places, open }: { readonly places: readonly TellingPlace[]; readonly open: Opening },
): Promise<Generation | undefined> {
  const since = generation.openedAtMs - TICK_MS;
  // A copy into a file that was there already is as old as that, but written anew.
  const made = siblings.filter(({ stats }) => Math.max(bornMs(stats), stats.mtimeMs) > since);
  let chosen: Copy | undefined;
  for (const place of places) chosen ??= await choose(generation, made, place, open);
  await closeAll(siblings.filter((sibling) => sibling !== chosen?.sibling));
  return chosen?.copy;
}

interface Copy {
  readonly copy: Generation;
  readonly sibling: Sibling;
}

async function choose(
  generation: Generation,
  siblings: readonly Sibling[],
  place: TellingPlace,
  open: Opening,
): Promise<Copy | undefined> {
  const fitting: Copy[] = [];
  for (const sibling of siblings) {
    const copy = await open(sibling).catch(() => undefined);
    if (copy !== undefined && (await isCopy(copy, generation, place).catch(() => false))) fitting.push({ copy, sibling });
  }
  return place.isSure || fitting.length === 1 ? fitting.at(-1) : undefined;
}

/** Whether `copy` begins as the file did and has, at `offset`, what the file had there. */
async function isCopy(copy: Generation, { head }: Generation, { context, offset }: Place): Promise<boolean> {
  if (head.length === 0 || !beginsWith(copy.head, head)) return false;
  await copy.look();
  return copy.size >= offset && (context === undefined || (await copy.readContext(offset)).equals(context));
}
