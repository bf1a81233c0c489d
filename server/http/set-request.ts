import type { Request } from 'express';
import type { Cursor } from '../feed/cursor.ts';
import type { Filter } from '../feed/filter/filter.ts';
import { parseFeedName } from '../feed/name.ts';
import { isPattern, type Selection, selectionOf } from '../feed/set/selection.ts';
import { MAX_FEEDS, parseVector } from '../feed/set/vector.ts';
import { Problem } from '../problem/problem.ts';
import { badParameter, type FeedRequest, readFeedRequest, type Wording } from './feed-request.ts';
import { readFilter } from './filter-request.ts';
import { chooseFormat, type FeedFormat } from './request-format.ts';

const SEVERAL_FEEDS: Wording = {
  parse: (text) => (parseVector(text) === undefined ? undefined : (text as Cursor)),
  cursor: 'an id of such a stream',
  chooseFormat: chooseSetFormat,
  hasPages: false,
};

export interface SetRequest {
  readonly selection: Selection;
  readonly wanted: FeedRequest;
  /** Through which each of the feeds is read; undefined: all is shown. */
  readonly filter: Filter | undefined;
}

/** What a request for several feeds asks for, checked. Throws Problem `bad-parameter`. */
export function readSetRequest(request: Request): SetRequest {
  const { feed } = request.query;
  const words = feed === undefined ? [] : Array.isArray(feed) ? feed.map(String) : [String(feed)];
  return {
    selection: readSelection(words, 'feed'),
    wanted: readFeedRequest(request, SEVERAL_FEEDS),
    filter: readFilter(request),
  };
}

/** Names of feeds and patterns, checked. `parameter` is where they come from, for people. */
export function readSelection(words: readonly string[], parameter: string): Selection {
  if (words.length === 0) throw badParameter(parameter, 'given: the name of a feed, or a pattern such as web/*');
  const distinct = new Set(words);
  if (distinct.size > MAX_FEEDS) throw badParameter(parameter, `at most ${MAX_FEEDS} names and patterns, not ${distinct.size}`);
  for (const word of distinct) if (!isPattern(word) && parseFeedName(word) === undefined) throw badWord(word, parameter);
  return selectionOf(words);
}

function badWord(word: string, parameter: string): Problem {
  const shown = JSON.stringify(word.slice(0, 200));
  const detail = `${shown} is neither the name of a feed nor a pattern: those are names in which * stands for any characters but /, ? for one, and ** for any number of segments.`;
  return new Problem('bad-parameter', { detail, members: { parameter } });
}

/** Lines of several feeds cannot be told apart in plain text: a client that names no format gets envelopes. */
function chooseSetFormat(accept: string | undefined, format: string | undefined): FeedFormat {
  if (format === 'text') throw badParameter('format', 'sse or ndjson: plain text would not say which feed a line is of');
  const chosen = chooseFormat(accept, format);
  return chosen === 'text' ? 'ndjson' : chosen;
}
