import { readlink, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** As many as the kernel follows. */
const MAX_LINKS = 40;

/**
 * The places where something may change for `path`: itself and, where it is a link, what it points to, and so on. Also for a link
 * whose target is not there yet. A circle ends where it closes.
 */
export async function placesOf(path: string): Promise<string[]> {
  const places = [path];
  let place = path;
  while (places.length <= MAX_LINKS) {
    const target = await readlink(place).catch(() => undefined);
    if (target === undefined) return places;
    const folder = await realpath(dirname(place)).catch(() => dirname(place));
    place = resolve(folder, target);
    if (places.includes(place)) return places;
    places.push(place);
  }
  return places;
}
