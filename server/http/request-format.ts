import { Problem } from '../problem/problem.ts';
import { weightOf } from './weight.ts';

export type FeedFormat = 'sse' | 'ndjson' | 'text';

const MEDIA_TYPES: ReadonlyMap<string, FeedFormat> = new Map([
  ['text/event-stream', 'sse'],
  ['application/x-ndjson', 'ndjson'],
  ['text/plain', 'text'],
]);

/**
 * The format in which to answer: `?format=` wins; else what `Accept` names with the highest weight, the first named where weights
 * are equal; else text. Wildcards never choose a stream of events: `curl` and a page opened by hand send them.
 */
export function chooseFormat(accept: string | undefined, formatParam: string | undefined): FeedFormat {
  if (formatParam !== undefined) return parseFormat(formatParam);
  let chosen: FeedFormat = 'text';
  let highest = 0;
  for (const range of (accept ?? '').split(',')) {
    const [mediaType = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const format = MEDIA_TYPES.get(mediaType);
    const weight = weightOf(parameters);
    if (format !== undefined && weight > highest) {
      chosen = format;
      highest = weight;
    }
  }
  return chosen;
}

function parseFormat(text: string): FeedFormat {
  if (text === 'sse' || text === 'ndjson' || text === 'text') return text;
  throw new Problem('bad-parameter', { detail: 'format must be sse, ndjson or text.', members: { parameter: 'format' } });
}
