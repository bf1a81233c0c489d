/**
 * Logs numbered lines with winston, which winston-daily-rotate-file spreads over files by size: `app-DAY.log`, `app-DAY.log.1`, ...
 *
 *     node winston-writer.mjs FOLDER LINES     says `ready` behind the first line, and goes on at the end of its standard input
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import winston from 'winston';
import DailyRotateFile from 'winston-daily-rotate-file';

const [folder, lines] = process.argv.slice(2);
const file = new DailyRotateFile({ dirname: folder, filename: 'app-%DATE%.log', maxSize: '4k', utc: true });
const log = winston.createLogger({ format: winston.format.json(), transports: [file] });

log.info('first', { number: 1 });
process.stdout.write('ready\n');
await once(process.stdin.resume(), 'end');
for (let number = 2; number <= Number(lines); number += 1) {
  log.info('x'.repeat(number % 97), { number });
  await delay(number % 5);
}
log.end();
await once(file, 'finish');
