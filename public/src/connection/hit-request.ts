import type { Asked } from '../log/service-filter.ts';
import { pageUrl } from './address.ts';
import { type ControlData, parseJson, toEnvelope } from './protocol.ts';

/** What is looked for in a feed: the service may give more than passes. */
export interface Sought {
  readonly feed: string;
  readonly asked: Asked;
  passes(text: string): boolean;
}

export interface Search {
  readonly signal: AbortSignal;
  /** So many more lines have been looked at. */
  looked(lines: number): void;
}

/** Where what the service gives does not pass, it is asked for more at once. */
const FIRST_LIMIT = 1;
const MORE = 4;
const MAX_LIMIT = 256;

interface Place {
  readonly hit: string | undefined;
  /** The end of what was looked at, to go on from; undefined where there is nothing beyond. */
  readonly next: string | undefined;
}

/** The cursor behind the last line before `cursor` that passes; undefined where there is none. Throws what the network does. */
export function findBefore(sought: Sought, cursor: string, search: Search): Promise<string | undefined> {
  return inSteps(cursor, (before, limit) => lookBefore(sought, before, limit, search));
}

/** The cursor behind the first line from `cursor` on that passes. */
export function findBehind(sought: Sought, cursor: string, search: Search): Promise<string | undefined> {
  return inSteps(cursor, (since, limit) => lookBehind(sought, since, limit, search));
}

async function inSteps(cursor: string, look: (from: string, limit: number) => Promise<Place>): Promise<string | undefined> {
  let from = cursor;
  for (let limit = FIRST_LIMIT; ; limit = Math.min(limit * MORE, MAX_LIMIT)) {
    const { hit, next } = await look(from, limit);
    if (hit !== undefined || next === undefined || next === from) return hit;
    from = next;
  }
}

/** The service looks back for a while, and says how far that led. */
async function lookBefore(sought: Sought, before: string, limit: number, { signal, looked }: Search): Promise<Place> {
  let [hit, next]: (string | undefined)[] = [];
  for await (const { type, data, id } of answer(sought, { before }, limit, signal)) {
    if (typeof data === 'string') {
      if (sought.passes(data)) hit = id;
      looked(1);
    } else if (type === 'feed.open') {
      if (data.start === 'gap') return { hit: undefined, next: undefined };
      next = data.atOldest === true ? undefined : id;
    } else if (type === 'feed.hidden') looked(data.count ?? 0);
  }
  return { hit, next };
}

/** The answer ends at the first that passes: who reads no further cuts it off. */
async function lookBehind(sought: Sought, since: string, limit: number, { signal, looked }: Search): Promise<Place> {
  const end = new AbortController();
  let [lines, next]: [number, string | undefined] = [0, undefined];
  try {
    for await (const { type, data, id } of answer(
      sought,
      { since, until: 'head' },
      limit,
      AbortSignal.any([signal, end.signal]),
    )) {
      next = id ?? next;
      if (typeof data === 'string') {
        if (sought.passes(data)) return { hit: id, next };
        lines += 1;
        looked(1);
      } else if (type === 'feed.open' && data.start === 'gap') return { hit: undefined, next: undefined };
      else if (type === 'feed.hidden') looked(data.count ?? 0);
    }
    return { hit: undefined, next: lines < limit ? undefined : next };
  } finally {
    end.abort();
  }
}

interface Told {
  readonly type: string;
  /** A line, or what a control event says. */
  readonly data: string | ControlData;
  readonly id: string | undefined;
}

async function* answer(
  { feed, asked }: Sought,
  place: Readonly<Record<string, string>>,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<Told, void, undefined> {
  const response = await fetch(pageUrl(feed, place, limit, asked), { signal });
  if (!response.ok || response.body === null) throw new Error(`the service answered ${response.status}`);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const lines = `${rest}${done ? decoder.decode() : decoder.decode(value, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const told = toTold(parseJson(line));
      if (told?.type === 'feed.closing') throw new Error('the service has ended the search');
      if (told !== undefined) yield told;
    }
    if (done) return;
  }
}

function toTold(parsed: unknown): Told | undefined {
  const envelope = toEnvelope(parsed);
  if (envelope !== undefined) return { type: 'message', ...envelope };
  const control = parsed as { type?: string; data?: ControlData; id?: string } | null | undefined;
  return control?.type === undefined ? undefined : { type: control.type, data: control.data ?? {}, id: control.id };
}
