/** A time as people write it. Undefined: the line does not say. */
export interface CivilTime {
  readonly year: number | undefined;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** The digits behind the decimal point. */
  readonly fraction: string | undefined;
  /** `Z`, `UTC`, `+01:00`, `+0100`, `+01`; without it, or with one that cannot be, it is the local time of this host. */
  readonly zone: string | undefined;
}

const DAY_MS = 86_400_000;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const OFFSET = /^([+-])(\d\d):?(\d\d)?$/;

/** Milliseconds since the epoch; undefined where there is no such time. `writtenMs`: when the file was written to last. */
export function civilTimeMs(time: CivilTime, writtenMs: number): number | undefined {
  if (time.hour > 23 || time.minute > 59 || time.second > 60) return undefined;
  if (time.year !== undefined) return inYear(time.year, time);
  // The newest that is not after the last write: a file of January holds lines of December. A leap day may be years ago.
  const newest = new Date(writtenMs).getFullYear();
  for (let year = newest; year > newest - 8; year -= 1) {
    const ms = inYear(year, time);
    if (ms !== undefined && ms <= writtenMs + DAY_MS) return ms;
  }
  return undefined;
}

/** 1 to 12 for `Jan` to `Dec`; 0 for anything else. */
export function monthOf(name: string): number {
  const at = MONTHS.indexOf(name);
  return name.length === 3 && at % 3 === 0 ? at / 3 + 1 : 0;
}

function inYear(year: number, { month, day, hour, minute, second, fraction, zone }: CivilTime): number | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || month === 0) return undefined;
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1_000);
  const zoneMs = offsetMs(zone);
  if (zoneMs === undefined) return new Date(year, month - 1, day, hour, minute, second, ms).getTime();
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) - zoneMs;
}

/** Undefined for local time. */
function offsetMs(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  const [, sign, hours, minutes = '0'] = OFFSET.exec(zone) ?? [];
  if (hours === undefined) return 0;
  const offset = Number(hours) * 60 + Number(minutes);
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -offset : offset) * 60_000;
}
