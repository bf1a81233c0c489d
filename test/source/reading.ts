import type { MemoryLog } from '../../server/feed/memory-log.ts';
import { readStart } from '../conformance/log-reading.ts';

/** The data of all events of `log`, those with a type as `type: data`. */
export async function shown(log: MemoryLog): Promise<string[]> {
  const { events } = await readStart(log, { at: 'oldest' });
  return events.map(({ type, data }) => (type === undefined ? data : `${type}: ${data}`));
}
