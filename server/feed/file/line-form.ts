import { type Wrapping, wrappingOf } from './container-lines.ts';
import { type Encoding, encodingOf } from './encoding.ts';

/** How the bytes of a file are lines. */
export interface LineForm {
  readonly encoding: Encoding;
  /** Bytes of the byte order mark that the file begins with. */
  readonly markBytes: number;
  /** What a container runtime has put around each line; undefined where lines are bare. */
  readonly wrapping: Wrapping | undefined;
}

/**
 * Decided by the file's head alone, of which the first line is enough: what has been said of a file's lines must not depend on
 * how many of them were there at the time. With `raw`, lines are taken as they are.
 */
export function lineFormOf(head: Buffer, raw: boolean): LineForm {
  const { encoding, markBytes } = encodingOf(head);
  const isBare = raw || encoding !== 'utf8' || markBytes > 0;
  return { encoding, markBytes, wrapping: isBare ? undefined : wrappingOf(head) };
}
