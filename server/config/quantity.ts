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

/** Reads a duration between two others, both written as the user would. */
export function durationBetween(least: string, most: string): Reader<number> {
  return (text) =>
    within(text, parseDuration, least, most) ??
    refuse(text, `give a duration from ${least} to ${most} with its unit, like 500ms, 1s or 10m`);
}

/** Reads a size between two others, both written as the user would. */
export function bytesBetween(least: string, most: string): Reader<number> {
  return (text) =>
    within(text, parseBytes, least, most) ??
    refuse(text, `give a number of bytes from ${least} to ${most}, like 65536, 512k or 4M`);
}

/** Reads a whole number between two others. */
export function countBetween(least: number, most: number): Reader<number> {
  const parse = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
  return (text) =>
    within(text, parse, String(least), String(most)) ?? refuse(text, `give a whole number from ${least} to ${most}`);
}

function within(text: string, parse: (text: string) => number | undefined, least: string, most: string): number | undefined {
  const amount = parse(text);
  if (amount === undefined) return undefined;
  return amount >= (parse(least) ?? 0) && amount <= (parse(most) ?? 0) ? amount : undefined;
}

function refuse(text: string, advice: string): never {
  throw new UsageError(`${JSON.stringify(text)} will not do: ${advice}`);
}
