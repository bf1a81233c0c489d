import { bornMs } from './byte-source.ts';
import { beginsWith, type Generation } from './generation.ts';
import { closeAll, type Sibling } from './siblings.ts';

/** File systems take their times from a clock that ticks every few ms. */
const TICK_MS = 10;

export interface CopyOptions {
  /** What lay before `offset`, where that is known. */
  readonly context: Buffer | undefined;
  readonly offset: number;
  /** Whether that tells the content apart from all others: then the last copy that has it is the one. */
  readonly isSure: boolean;
  readonly open: (sibling: Sibling) => Promise<Generation>;
}

/**
 * The copy of a file that was cut (copytruncate), among older parts that are not known yet; closes the others. It must have been
 * made since the file was opened and, where it is not sure that the content tells, be the only one that fits: never a guess.
 */
export async function findCopy(
  generation: Generation,
  siblings: readonly Sibling[],
  options: CopyOptions,
): Promise<Generation | undefined> {
  const fitting: { readonly copy: Generation; readonly sibling: Sibling }[] = [];
  for (const sibling of siblings) {
    const copy = await copyIn(sibling, generation, options).catch(() => undefined);
    if (copy !== undefined) fitting.push({ copy, sibling });
  }
  const since = generation.openedAtMs - TICK_MS;
  // A copy into a file that was there already is as old as that, but written anew.
  const isNew = ({ sibling: { stats } }: { readonly sibling: Sibling }) => Math.max(bornMs(stats), stats.mtimeMs) > since;
  const made = fitting.filter(isNew);
  const chosen = options.isSure || made.length === 1 ? made.at(-1) : undefined;
  await closeAll(siblings.filter((sibling) => sibling !== chosen?.sibling));
  return chosen?.copy;
}

/** The content of `sibling`, where that begins as the file did and has, at `offset`, what the file had there. */
async function copyIn(sibling: Sibling, generation: Generation, options: CopyOptions): Promise<Generation | undefined> {
  const { context, offset, open } = options;
  const { head } = generation;
  const copy = await open(sibling);
  if (head.length === 0 || !beginsWith(copy.head, head)) return undefined;
  await copy.look();
  const isWhole = copy.size >= offset && (context === undefined || (await copy.readContext(offset)).equals(context));
  return isWhole ? copy : undefined;
}
