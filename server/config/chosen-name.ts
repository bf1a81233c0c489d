import { type FeedName, parseFeedName } from '../feed/name.ts';
import { UsageError } from './usage-error.ts';

/** The first segments that name feeds of the service itself. */
const RESERVED = /^(?:livefeed|demo)(?:\/|$)/;

/** The name that a user chose for a feed. */
export function chosenName(text: string): FeedName {
  const quoted = JSON.stringify(text);
  const name = parseFeedName(text);
  if (name === undefined)
    throw new UsageError(`${quoted} is not a feed name: use segments of A-Z a-z 0-9 . _ - joined by /, at most 200 bytes`);
  if (RESERVED.test(name))
    throw new UsageError(`the feed name ${quoted} is the service's own: choose one outside livefeed/ and demo/`);
  return name;
}
