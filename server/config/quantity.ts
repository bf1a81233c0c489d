import type { Reader } from './option.ts';
import { UsageError } from './usage-error.ts';

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES_PER_UNIT: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Milliseconds out of `500ms`, `1s`, `1.5m`; undefined where `text` is not a duration. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = MS_PER_UNIT[unit ?? 'none'];
  return amount === undefined || factor === undefined ? undefined : Math.round(Number(amount) * factor);
}

/** Bytes out of `65536`, `512k`, `4M`, `1GiB` (units of 1024); undefined where `text` is not a size. */
export function parseBytes(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,15})(?:([kmg])(?:i?b)?|b)?$/i.exec(text) ?? [];
  const factor = BYTES_PER_UNIT[(unit ?? '').toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

const DURATIONS = ['500ms', '10s', '5m', '30d'];
const SIZES = ['65536', '512k', '64M', '2G'];

/** Reads a duration between two others, both written as the user would. */
export function durationBetween(least: string, most: string): Reader<number> {
  const examples = DURATIONS.filter((text) => within(text, parseDuration, least, most) !== undefined);
  return between({ least, most, parse: parseDuration, what: 'a duration', form: ' with its unit', examples });
}

/** Reads a size between two others, both written as the user would. */
export function bytesBetween(least: string, most: string): Reader<number> {
  const examples = SIZES.filter((text) => within(text, parseBytes, least, most) !== undefined);
  return between({ least, most, parse: parseBytes, what: 'a number of bytes', examples });
}

/** Reads a whole number between two others. */
export function countBetween(least: number, most: number): Reader<number> {
  const parse = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
  return between({ least: String(least), most: String(most), parse, what: 'a whole number', examples: [] });
}

interface Between {
  readonly least: string;
  readonly most: string;
  readonly parse: (text: string) => number | undefined;
  /** For people. */
  readonly what: string;
  readonly form?: string;
  /** All of them will do. */
  readonly examples: readonly string[];
}

function between({ least, most, parse, what, form = '', examples }: Between): Reader<number> {
  const like = examples.length === 0 ? '' : `, like ${examples.join(' or ')}`;
  const read = (text: string) =>
    within(text, parse, least, most) ?? refuse(text, `give ${what} from ${least} to ${most}${form}${like}`);
  return Object.assign(read, { range: `${least} to ${most}` });
}

function within(text: string, parse: (text: string) => number | undefined, least: string, most: string): number | undefined {
  const amount = parse(text);
  if (amount === undefined) return undefined;
  return amount >= (parse(least) ?? 0) && amount <= (parse(most) ?? 0) ? amount : undefined;
}

function refuse(text: string, advice: string): never {
  throw new UsageError(`${JSON.stringify(text)} will not do: ${advice}`);
}
