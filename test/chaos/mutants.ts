import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Problem } from './check-follower.ts';

/** A change that makes the service wrong in one way: the checker must find it out. */
export interface Mutant {
  readonly name: string;
  /** Each `find` is in its file exactly once; where it is not, the service does not start. */
  readonly edits: readonly Edit[];
  /** What the checker calls what goes wrong: one of these must be found. */
  readonly shows: readonly Problem['kind'][];
  /** Seeds of which several find it, each time, without a kill. */
  readonly seeds: readonly number[];
}

interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const READING = 'server/feed/file/file-reading.ts';
const GENERATION = 'server/feed/file/generation.ts';
const CURSOR = 'server/feed/file/file-cursor.ts';
const TAIL = 'server/source/tail.ts';

/** A file's size is believed: it has been cut only where it is shorter than what was read. */
const SIZE_IS_TRUSTED: Edit[] = [
  {
    file: READING,
    find: '!generation.isOfHead(chunk) || !this.#isSameContent(generation, chunk)',
    replace: 'chunk.start < Math.min(64, chunk.offset)',
  },
  {
    file: GENERATION,
    find: 'if (beginsWith(head, this.head)) this.head = head;',
    replace: 'if (head.length > 0) this.head = head;',
  },
];

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no trailing look',
    edits: [
      { file: TAIL, find: 'tailed.lookAgain = true;', replace: '' },
      { file: TAIL, find: '.then(() => this.#lookIn(tailed, TRAILING_LOOK_MS))', replace: '' },
      // Nor those of the sweep and of busy folders, which would only be later.
      { file: TAIL, find: '.filter(isDue);', replace: '.filter(() => false);' },
      { file: TAIL, find: 'if (!tailed.isLooking && (tailed.grewAt', replace: 'if (every > tick + 1_000 && (tailed.grewAt' },
    ],
    shows: ['never arrived'],
    seeds: [240, 1180, 1296, 2367],
  },
  { name: 'trust the size', edits: SIZE_IS_TRUSTED, shows: ['torn', 'lost in silence'], seeds: [66, 1659, 2093, 2272] },
  {
    name: 'drop the carry',
    edits: [
      {
        file: READING,
        find: 'this.#position = (batches.at(-1) as Batch).to;',
        replace: 'this.#position = { generation: generation.ordinal, offset: offset + bytes.length - start };',
      },
    ],
    shows: ['torn', 'lost in silence'],
    seeds: [289, 1116, 1619, 2272],
  },
  {
    name: 'no fingerprint',
    edits: [
      {
        file: CURSOR,
        find: 'head.length >= cursor.headLength && hashHead(head.subarray(0, cursor.headLength)) === cursor.headHash',
        replace: 'head.length >= cursor.headLength',
      },
      {
        file: GENERATION,
        find: 'if (beginsWith(head, this.head)) this.head = head;',
        replace: 'if (head.length > 0) this.head = head;',
      },
    ],
    shows: ['doubled', 'lost without a fault', 'lost in silence'],
    seeds: [40000, 40003, 40020, 40084, 40220, 40229],
  },
  {
    name: 'no 64-byte context check',
    edits: [
      { file: READING, find: 'this.#context === undefined || this.#context.equals(bytes.subarray(0, start))', replace: 'true' },
      {
        file: CURSOR,
        find: 'fitsHead(cursor, head) && hashContext(context, context.length, context.length) === cursor.contextHash',
        replace: 'fitsHead(cursor, head) && context.length <= 64',
      },
    ],
    shows: ['torn', 'lost in silence'],
    seeds: [289, 338, 710, 935, 1116, 2272],
  },
  {
    name: 'always say gap',
    edits: [
      {
        file: READING,
        find: "return [passage('feed.rotated', step)];",
        replace: 'return missing(undefined, step, await next.cursorAt(0));',
      },
    ],
    shows: ['gap without a fault'],
    seeds: [501, 502, 503, 504],
  },
];

/** A module to be loaded before the server's own, that makes the server the mutant. */
export function mutantImport({ edits }: Mutant): string {
  const url = pathToFileURL(join(import.meta.dirname, 'mutate.mjs'));
  url.search = new URLSearchParams({ edits: JSON.stringify(edits) }).toString();
  return url.href;
}
