import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';

/** By what a client tells later whether it still has the same file (RFC 9110 §8.8). */
export interface Validators {
  readonly etag: string;
  readonly lastModifiedMs: number;
}

/**
 * A strong ETag without reading the file. The change time is in it because the modification time can be set back over other content
 * (`touch -r`, `rsync -t`). A hash, since inode numbers are nobody's business.
 */
export function validatorsOf(stat: BigIntStats): Validators {
  const identity = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
  const etag = `"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`;
  return { etag, lastModifiedMs: Math.floor(Number(stat.mtimeMs) / 1000) * 1000 };
}

export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
}

/** What the conditions of a GET or HEAD come to, in the order of RFC 9110 §13.2.2. */
export function evaluate(conditions: Conditions, { etag, lastModifiedMs }: Validators): 'send' | 'not-modified' | 'failed' {
  const { ifMatch, ifUnmodifiedSince, ifNoneMatch, ifModifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!lists(ifMatch, etag)) return 'failed';
  } else if (lastModifiedMs > dateMs(ifUnmodifiedSince, Number.POSITIVE_INFINITY)) return 'failed';
  if (ifNoneMatch !== undefined) return lists(ifNoneMatch.replaceAll('W/"', '"'), etag) ? 'not-modified' : 'send';
  return lastModifiedMs <= dateMs(ifModifiedSince, Number.NEGATIVE_INFINITY) ? 'not-modified' : 'send';
}

/** Whether the range may be sent: what the client holds the other bytes of is, for certain, this very file (RFC 9110 §13.1.5). */
export function ifRangeHolds(ifRange: string | undefined, { etag, lastModifiedMs }: Validators): boolean {
  return ifRange === undefined || ifRange === etag || dateMs(ifRange, Number.NaN) === lastModifiedMs;
}

function lists(header: string, etag: string): boolean {
  const listed: readonly string[] = header.match(/(W\/)?"[^"]*"/g) ?? [];
  return header.trim() === '*' || listed.includes(etag);
}

/** A header whose date cannot be read is ignored: `otherwise` is the date that makes its condition say nothing. */
function dateMs(header: string | undefined, otherwise: number): number {
  const ms = header?.endsWith(' GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(ms) ? otherwise : ms;
}
