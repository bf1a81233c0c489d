import { nearest } from './near.ts';
import { UsageError } from './usage-error.ts';

/** pino's levels. */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export function readLogLevel(text: string): string {
  if (LEVELS.includes(text)) return text;
  const near = nearest(text.toLowerCase(), LEVELS);
  const advice = near === undefined ? `give one of ${LEVELS.join(', ')}` : `did you mean ${near}?`;
  throw new UsageError(`${JSON.stringify(text)} is not a log level: ${advice}`);
}
