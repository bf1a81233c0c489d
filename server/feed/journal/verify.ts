import { isDeepStrictEqual } from 'node:util';
import type { Block } from './blocks.ts';
import { type Files, isMissing } from './files.ts';
import { loadIndex } from './index-file.ts';
import { listSegments } from './recovery.ts';
import { DEFAULT_RETENTION, loadRetention } from './retention.ts';
import { type Contents, scanFrames } from './scan-frames.ts';
import type { Segment } from './segments.ts';

/** What the folder of one feed holds. */
export interface FeedReport {
  readonly segments: number;
  readonly events: number;
  readonly bytes: number;
  /** What readers do not get, or would get wrong. */
  readonly troubles: readonly string[];
  /** What is as it may be, and worth knowing. */
  readonly notes: readonly string[];
}

interface Findings {
  events: number;
  readonly troubles: string[];
  readonly notes: string[];
}

const OURS = /\.(?:sse|index|keys|new)$|^(?:retention\.json|unsynced)$/;

/** Goes through everything in the folder of a feed, and changes nothing. */
export async function verifyFeed(folder: string, files: Files): Promise<FeedReport> {
  const found: Findings = { events: 0, troubles: [], notes: [] };
  await loadRetention(files, folder, DEFAULT_RETENTION).catch((error: Error) => found.troubles.push(error.message));
  const segments = await listSegments(folder, files);
  let at = segments[0]?.base ?? 0;
  for (const segment of segments) {
    if (segment.base !== at) found.troubles.push(`${nameOf(segment)}: another segment begins there too`);
    const isLast = segment === segments.at(-1);
    at = await verifySegment(segment, isLast, files, found);
  }
  verifyNames(await files.list(folder), segments, found);
  return { segments: segments.length, bytes: at - (segments[0]?.base ?? 0), ...found };
}

/** A segment that is dropped goes before its index: an index alone is of one that is older, or of one that should be there. */
function verifyNames(names: readonly string[], segments: readonly Segment[], found: Findings): void {
  const [oldest] = segments.map(nameOf);
  for (const name of names) {
    const segment = name.replace(/index$/, 'sse');
    if (name.endsWith('.index') && !names.includes(segment) && segment > (oldest ?? ''))
      found.troubles.push(`${segment}: is gone, its index is there`);
    if (!OURS.test(name)) found.notes.push(`${name}: is not one of ours, and is left alone`);
  }
}

/** Answers where the next segment is to begin. */
async function verifySegment(segment: Segment, isLast: boolean, files: Files, found: Findings): Promise<number> {
  const bytes = await files.read(segment.path).catch((error: unknown) => {
    found.troubles.push(`${nameOf(segment)}: ${isMissing(error) ? 'is gone' : (error as Error).message}`);
    return undefined;
  });
  if (bytes === undefined) return segment.end;
  const { epoch, base } = segment;
  const length = isLast ? bytes.length : Math.min(bytes.length, segment.end - base);
  const contents = await scanFrames(bytes.subarray(0, length), epoch, base);
  const ruins = contents.blocks.filter(({ count }) => count === 0);
  for (const { start, end } of ruins)
    found.troubles.push(`${nameOf(segment)}: bytes ${start - base} to ${end - base} are no whole event: a gap for readers`);
  verifyEnd(segment, isLast, base + bytes.length, contents, found);
  if (ruins.length === 0) await verifyIndex(segment, bytes, files, found);
  for (const { count } of contents.blocks) found.events += count;
  return isLast ? contents.end : segment.end;
}

function verifyEnd(segment: Segment, isLast: boolean, fileEnd: number, { end }: Contents, found: Findings): void {
  if (isLast && end < fileEnd)
    found.notes.push(`${nameOf(segment)}: its last ${fileEnd - end} bytes are no whole event: the next start cuts them off`);
  if (isLast) return;
  if (end < segment.end)
    found.troubles.push(
      `${nameOf(segment)}: its last ${segment.end - end} bytes are missing or no whole event: a gap for readers`,
    );
  else if (fileEnd > segment.end)
    found.notes.push(
      `${nameOf(segment)}: ${fileEnd - segment.end} bytes behind its end were never acknowledged, and are not read`,
    );
}

/** An index that its checksum fits is believed: it must tell what the segment holds. */
async function verifyIndex(segment: Segment, bytes: Buffer, files: Files, found: Findings): Promise<void> {
  const index = await loadIndex(files, segment);
  if (index === undefined || index.end > segment.base + bytes.length) return;
  const { blocks } = await scanFrames(bytes.subarray(0, index.end - segment.base), segment.epoch, segment.base);
  if (!isDeepStrictEqual(plain(blocks), plain(index.blocks)))
    found.troubles.push(`${nameOf(segment)}: its index tells of something else: remove that, and it is made anew`);
}

function plain(blocks: readonly Block[]): number[][] {
  return blocks.map(({ start, end, checksum, count, firstMs }) => [start, end, checksum, count, firstMs]);
}

function nameOf({ path }: Segment): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
