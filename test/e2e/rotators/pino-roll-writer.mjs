/**
 * Logs numbered lines with pino, which pino-roll spreads over files by size: `app.1.log`, `app.2.log`, ...
 *
 *     node pino-roll-writer.mjs FOLDER LINES     says `ready` behind the first line, and goes on at the end of its standard input
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import roll from 'pino-roll';

const [folder, lines] = process.argv.slice(2);
const stream = await roll({ file: join(folder, 'app'), extension: '.log', size: '4k' });
const log = pino({ base: null }, stream);

log.info({ number: 1 }, 'first');
process.stdout.write('ready\n');
await once(process.stdin.resume(), 'end');
for (let number = 2; number <= Number(lines); number += 1) {
  log.info({ number }, 'x'.repeat(number % 97));
  await delay(number % 5);
}
stream.end();
await once(stream, 'close');
