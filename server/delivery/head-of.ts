import type { Located } from '../feed/log.ts';
import { comparePositions } from '../feed/position.ts';
import type { Channel } from './channel.ts';
import type { Readable } from './opening.ts';

/** Where a feed ends now. A filter may take long to look at what has come: nobody who comes now has asked for that. */
export async function headOf({ log }: Readable, channel: Channel): Promise<Located> {
  const told: Located = { ...channel.mark(), by: 'head' };
  if (!channel.isBehind) return told;
  const head = await log.locate({ at: 'head' }, new AbortController().signal);
  return comparePositions(head.position, told.position) > 0 ? head : told;
}
