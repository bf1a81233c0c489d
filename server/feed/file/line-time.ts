import { type CivilTime, civilTimeMs, monthOf } from './civil-time.ts';

/** So much of a line is looked at. */
export const TIMED_BYTES = 1024;

const LEVEL = '(?:trace|debug|verbose|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|severe|fatal|panic|emerg|[DIWEFA])';
/** What may stand before a time: a syslog priority, a service of compose, an audit record, a level, `time=`, brackets, quotes. */
const BEFORE = new RegExp(
  String.raw`^(?:<\d{1,3}>(?:1 )?|[\w.-]{1,64} {1,64}\| |type=\w{1,32} msg=audit\()?(?:\[?${LEVEL}\b[\]:,|\s]{1,8})?(?:(?:time|timestamp|ts|t)=)?["'[(]?`,
  'i',
);

const CLOCK = String.raw`(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,:](?<fraction>\d{1,9}))?)?`;
const ZONE = String.raw`(?: ?(?<zone>Z|UTC|GMT|[+-]\d\d:?\d\d|(?<! )[+-]\d\d)\b)?`;
/** Each is tried where `BEFORE` ends. */
const FORMS = [
  String.raw`(?<year>\d{4})(?<s>[-/.])(?<month>\d\d)\k<s>(?<day>\d\d)[T _]${CLOCK}${ZONE}(?![\d:])`,
  String.raw`(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)[T ](?<hour>\d\d):?(?<minute>\d\d):?(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?${ZONE}(?![\d:])`,
  String.raw`(?<day>\d{1,2})(?<s>[-/ ])(?<name>[A-Z][a-z]{2})\k<s>(?<year>\d{4})[ :T]${CLOCK}${ZONE}(?![\d:])`,
  String.raw`(?:[A-Z][a-z]{2},? )?(?<name>[A-Z][a-z]{2}) {1,2}(?<day>\d{1,2}) (?:(?<year>\d{4}) )?${CLOCK}(?: (?<yearBehind>(?:19|20)\d\d)\b)?(?![\d:])`,
  String.raw`[IWEF](?<year>\d{4})?(?<month>\d\d)(?<day>\d\d) ${CLOCK}(?![\d:])`,
].map((form) => new RegExp(form, 'y'));

/** Behind the address and the user, neither of which has a length that one could trust. */
const COMMON = new RegExp(String.raw`\[(?<day>\d\d)/(?<name>[A-Z][a-z]{2})/(?<year>\d{4}):${CLOCK}${ZONE}\]`);
const EPOCH = /(\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})(?=[\s\])|,;:"']|$)/y;
const JSON_TIME = /"(?:time|timestamp|@timestamp|ts|@t)"\s*:\s*(?:"([^"]{8,40})"|(\d{10,19}(?:\.\d{1,9})?)(?=[\s,}]|$))/g;

/**
 * The time that a line tells of itself, ms since the epoch; undefined where it tells none, as the lines of a stack trace.
 * `writtenMs`: when its file was written to last, for the year where that is left out. Looks at the first 1 KiB.
 */
export function lineTimeMs(line: Buffer, writtenMs: number): number | undefined {
  const text = line.toString('latin1', 0, Math.min(line.length, TIMED_BYTES)).replace(/^\u00ef\u00bb\u00bf/, '');
  if (text.startsWith('{')) return jsonTimeMs(text, writtenMs);
  const at = BEFORE.exec(text)?.[0].length ?? 0;
  return timeAtMs(text, at, writtenMs) ?? (at > 0 ? timeAtMs(text, 0, writtenMs) : undefined) ?? commonTimeMs(text, writtenMs);
}

function jsonTimeMs(text: string, writtenMs: number): number | undefined {
  for (const [, quoted, number] of text.matchAll(JSON_TIME)) {
    const ms = quoted === undefined ? epochMs(number ?? '') : timeAtMs(quoted, 0, writtenMs);
    if (ms !== undefined) return ms;
  }
  return undefined;
}

function timeAtMs(text: string, at: number, writtenMs: number): number | undefined {
  for (const form of FORMS) {
    form.lastIndex = at;
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return civilTimeMs(civilTime(groups), writtenMs);
  }
  EPOCH.lastIndex = at;
  const epoch = EPOCH.exec(text)?.[1];
  return epoch === undefined ? undefined : epochMs(epoch);
}

function commonTimeMs(text: string, writtenMs: number): number | undefined {
  const groups = COMMON.exec(text)?.groups;
  return groups === undefined ? undefined : civilTimeMs(civilTime(groups), writtenMs);
}

function civilTime(groups: Readonly<Record<string, string | undefined>>): CivilTime {
  const year = groups.year ?? groups.yearBehind;
  return {
    year: year === undefined ? undefined : Number(year),
    month: groups.name === undefined ? Number(groups.month) : monthOf(groups.name),
    day: Number(groups.day),
    hour: Number(groups.hour),
    minute: Number(groups.minute),
    second: Number(groups.second ?? 0),
    fraction: groups.fraction,
    zone: groups.zone,
  };
}

/** Seconds, milliseconds, micro- or nanoseconds, by the number of digits before the point. */
function epochMs(digits: string): number | undefined {
  const point = digits.indexOf('.');
  const whole = point < 0 ? digits.length : point;
  const ms = Math.floor(Number(digits) / 1_000 ** ((whole - 13) / 3));
  return (whole - 10) % 3 === 0 && ms >= EARLIEST_MS && ms < LATEST_MS ? ms : undefined;
}

/** Numbers outside of these are no times. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
