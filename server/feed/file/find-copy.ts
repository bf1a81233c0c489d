import { Archive } from './archive.ts';
import { bornMs, TICK_MS } from './byte-source.ts';
import { CONTEXT_BYTES, HEAD_BYTES } from './fingerprint.ts';
import { beginsWith, type Generation } from './generation.ts';
import { closeAll, type Sibling } from './siblings.ts';

/** A place in the content that is looked for, and what lay before it. */
export interface Place {
  /** Undefined where nobody has seen it: of the start. */
  readonly context: Buffer | undefined;
  readonly offset: number;
}

/** What a reading at `offset` has seen before that, and of the unfinished line behind it. */
export function placesSeen(offset: number, context: Buffer | undefined, unfinished: Buffer): Place[] {
  const place = { context, offset };
  if (context === undefined || unfinished.length === 0) return [place];
  const both = Buffer.concat([context, unfinished]).subarray(-CONTEXT_BYTES);
  return [place, { context: both, offset: offset + unfinished.length }];
}

interface TellingPlace extends Place {
  /** Whether that tells the content apart from others: what has it is a copy, and of several the fullest is the one. */
  readonly isSure: boolean;
}

/**
 * What tells the content of a file that was cut: where those stood who found that out, and what others have seen. Surer, and so first,
 * is what lies further behind, and not in what came to the file since: that may begin with the same banner, or have been looked at
 * for what was there before. Of the first kilobyte, nothing tells where both begin alike.
 */
export async function tellingPlaces(
  { head, witnesses }: Generation,
  renewed: Generation | undefined,
  found: readonly Place[],
): Promise<readonly TellingPlace[]> {
  const seen = [...found, ...witnesses.map(({ bytes, offset }) => ({ context: bytes, offset }))];
  const beginsAlike = head.length === HEAD_BYTES && renewed?.head.equals(head) === true;
  const isBehindHead = ({ offset }: Place) => offset > HEAD_BYTES;
  const telling = seen.some(isBehindHead) ? seen.filter(isBehindHead) : beginsAlike ? [] : [START, ...seen];
  const places: TellingPlace[] = [];
  for (const place of telling) places.push({ ...place, isSure: isBehindHead(place) && !(await has(renewed, place)) });
  return places.toSorted((a, b) => Number(b.isSure) - Number(a.isSure) || b.offset - a.offset);
}

const START: Place = { context: undefined, offset: 0 };

type Opening = (sibling: Sibling) => Promise<Generation>;

/**
 * The copy of a file that was cut (copytruncate), among older parts that are not known yet; closes the others. It must have been
 * made since the file was opened, or else have what surely tells the content; be as the file was at each of the places that it reaches to;
 * and be the only one, or hold all that the others do: never a guess. The first of the places that is in one decides: lines behind
 * the end of the copy may have been read before the file was cut.
 */
export async function findCopy(
  generation: Generation,
  siblings: readonly Sibling[],
  { places, open }: { readonly places: readonly TellingPlace[]; readonly open: Opening },
): Promise<Generation | undefined> {
  const since = generation.openedAtMs - TICK_MS;
  const copiesAmong = async (some: readonly Sibling[]): Promise<Copy[]> => {
    const copies: Copy[] = [];
    for (const sibling of some) {
      const copy = await open(sibling).catch(() => undefined);
      if (copy !== undefined && (await isCopy(copy, generation, places).catch(() => false))) copies.push({ copy, sibling });
    }
    return copies;
  };
  let copies = await copiesAmong(siblings.filter((sibling) => madeMsOf(sibling) > since));
  if (copies.length === 0 && places.some(({ isSure }) => isSure)) {
    // What was compressed before anybody had opened the file was cut before that as well.
    const isBefore = (made: Sibling) => madeMsOf(made) <= since && madeMsOf(made) > generation.begunMs && !isArchive(made);
    const before = await copiesAmong(siblings.filter(isBefore));
    copies = before.filter(({ copy }) => places.some(({ isSure, offset }) => isSure && offset <= copy.size));
  }
  const chosen = await choose(copies, places);
  await closeAll(siblings.filter((sibling) => sibling !== chosen?.sibling));
  return chosen?.copy;
}

/** A copy into a file that was there already is as old as that, but written anew. */
function madeMsOf({ stats }: Sibling): number {
  return Math.max(bornMs(stats), stats.mtimeMs);
}

function isArchive({ source }: Sibling): boolean {
  return source instanceof Archive;
}

interface Copy {
  readonly copy: Generation;
  readonly sibling: Sibling;
}

async function choose(copies: readonly Copy[], places: readonly TellingPlace[]): Promise<Copy | undefined> {
  for (const place of places) {
    const fitting: Copy[] = [];
    for (const each of copies) if (await has(each.copy, place).catch(() => false)) fitting.push(each);
    const last = fitting.at(-1);
    const isOne = fitting.length === 1 || (last !== undefined && place.isSure && (await holdsAll(last.copy, fitting)));
    if (isOne) return last;
  }
  return undefined;
}

/** Whether each of the others is what `last` held when it was shorter. */
async function holdsAll(last: Generation, copies: readonly Copy[]): Promise<boolean> {
  try {
    for (const { copy } of copies)
      if (!(await has(last, { context: await copy.readContext(copy.size), offset: copy.size }))) return false;
    return true;
  } catch {
    return false;
  }
}

/** Whether `copy` begins as the file did, and has what the file had at each of the places that it reaches to and that tell. */
async function isCopy(copy: Generation, { head }: Generation, places: readonly TellingPlace[]): Promise<boolean> {
  if (head.length === 0 || !beginsWith(copy.head, head)) return false;
  await copy.look();
  for (const place of places) if (place.isSure && copy.size >= place.offset && !(await has(copy, place))) return false;
  return true;
}

async function has(content: Generation | undefined, { context, offset }: Place): Promise<boolean> {
  if (content === undefined || content.size < offset) return false;
  return context === undefined || (await content.readContext(offset)).equals(context);
}
