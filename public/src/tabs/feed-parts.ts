/** Envelopes of one feed that followed one another: one JSON a line, and the cursor behind them. */
export interface FeedPart {
  readonly feed: string;
  readonly data: string;
  readonly id: string;
}

/** How the service begins an envelope. Names and ids hold nothing that JSON escapes. */
const BEFORE_FEED = '{"feed":"';
const BEFORE_ID = '","id":"';

/** Takes apart what came of several feeds, without reading the lines themselves: whoever wanted them does that. What is no envelope is left out. */
export function* feedParts(data: string): IterableIterator<FeedPart> {
  for (let start = 0; start < data.length; ) {
    const feed = between(data, BEFORE_FEED, start);
    const head = `${BEFORE_FEED}${feed}${BEFORE_ID}`;
    let [end, last] = [lineEnd(data, start), start];
    if (feed !== undefined)
      while (end < data.length && data.startsWith(head, end + 1)) {
        last = end + 1;
        end = lineEnd(data, last);
      }
    const id = feed === undefined ? undefined : between(data, head, last);
    if (feed !== undefined && id !== undefined) yield { feed, id, data: data.slice(start, end) };
    start = end + 1;
  }
}

function lineEnd(data: string, from: number): number {
  const end = data.indexOf('\n', from);
  return end < 0 ? data.length : end;
}

/** What stands between `before`, which is at `at`, and the next quote. */
function between(data: string, before: string, at: number): string | undefined {
  if (!data.startsWith(before, at)) return undefined;
  const end = data.indexOf('"', at + before.length);
  return end < 0 ? undefined : data.slice(at + before.length, end);
}
