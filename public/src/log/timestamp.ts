/** A time that stands at the start of a line: `length` characters of the text are it and what divides it from the message. */
export interface FoundTime {
  readonly ms: number;
  readonly length: number;
  /** False where the line gives whole seconds only: then no milliseconds are shown. */
  readonly fine: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const AFTER = '(?:\\]|:(?=\\s)|\\s-\\s|\\s|,(?=\\s)|$)\\s?';

/** Where JSON and logfmt have their time. */
export const TIME_NAMES = ['time', 'timestamp', '@timestamp', 'ts', '@t', 't', 'datetime', 'date'];

const ISO = new RegExp(
  `^(?:<\\d{1,3}>1 )?\\[?(\\d{4})[-/](\\d\\d)[-/](\\d\\d)[T ](\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?( ?(?:Z|UTC|[+-]\\d\\d:?\\d\\d))?${AFTER}`,
);
const SYSLOG = new RegExp(`^(?:<\\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\\d{1,2}) (\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,9}))?${AFTER}`);
const EPOCH = new RegExp(`^\\[?(1\\d{9})(?:\\.(\\d{1,9})|(\\d{3}))?${AFTER}`);
const CLOCK = new RegExp(`^\\[?(\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?${AFTER}`);
/** Apache's errors: `[Mon Nov 23 14:31:02.118456 2026]`. */
const APACHE = new RegExp(
  `^\\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\\d{1,2}) (\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,9}))? (\\d{4})${AFTER}`,
);
/** glog and klog: `E1123 14:31:02.118`, where the letter is the level. */
const GLOG = /^[DIWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s+/;
/** Micro- and nanoseconds, as values only: at the start of a line such a number is something else. */
const FINE_EPOCH = /^(1\d{9})(\d{6}|\d{9})$/;
/** The common log format has its time after the address, so it can be read but not cut off. */
const COMMON = /^\S{1,64} \S{1,64} \S{1,64} \[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]/;

/** The time that the line begins with, or undefined. `nowMs` gives the year and day where the line leaves them out. */
export function findTime(text: string, nowMs: number): FoundTime | undefined {
  const first = text.charCodeAt(0);
  const isDigit = first >= 48 && first <= 57;
  if (!isDigit && first !== 91 && first !== 60 && !(first >= 65 && first <= 90)) return undefined;
  return (
    fromIso(text) ??
    fromSyslog(text, nowMs) ??
    fromGlog(text, nowMs) ??
    fromApache(text) ??
    fromCommon(text) ??
    fromEpoch(text) ??
    fromClock(text, nowMs)
  );
}

/** The time that a value of JSON or logfmt is: as it would begin a line, or a number of the epoch. */
export function timeOfValue(value: string, nowMs: number): FoundTime | undefined {
  if (value.length > 40) return undefined;
  const fine = FINE_EPOCH.exec(value);
  const found = fine === null ? findTime(value, nowMs) : result(Number(fine[1]) * 1000, fine[2], value.length);
  return found?.length === value.length ? found : undefined;
}

function fromIso(text: string): FoundTime | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [all, year, month, day, hour, minute, second, fraction, zone] = match;
  const parts = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const;
  const ms = zone === undefined ? new Date(...parts).getTime() : Date.UTC(...parts) - zoneMs(zone);
  return result(ms, fraction, all.length);
}

function fromSyslog(text: string, nowMs: number): FoundTime | undefined {
  const match = SYSLOG.exec(text);
  const month = MONTHS.indexOf((match?.[1] ?? '').toLowerCase());
  if (match === null || month < 0) return undefined;
  const [all, , day, hour, minute, second, fraction] = match;
  return result(withoutYear(nowMs, month, Number(day), Number(hour), Number(minute), Number(second)), fraction, all.length);
}

function fromGlog(text: string, nowMs: number): FoundTime | undefined {
  const match = GLOG.exec(text);
  if (match === null) return undefined;
  const [all, month, day, hour, minute, second, fraction] = match;
  const ms = withoutYear(nowMs, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return result(ms, fraction, all.length);
}

/** The newest that is not after tomorrow: in January there are lines of December. */
function withoutYear(
  nowMs: number,
  ...parts: [month: number, day: number, hour: number, minute: number, second: number]
): number {
  const inYear = (year: number) => new Date(year, ...parts).getTime();
  const year = new Date(nowMs).getFullYear();
  return inYear(year) > nowMs + 86_400_000 ? inYear(year - 1) : inYear(year);
}

function fromCommon(text: string): FoundTime | undefined {
  const match = COMMON.exec(text);
  const month = MONTHS.indexOf((match?.[2] ?? '').toLowerCase());
  if (match === null || month < 0) return undefined;
  const [, day, , year, hour, minute, second, zone] = match;
  const ms = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second)) - zoneMs(zone ?? 'Z');
  return result(ms, undefined, 0);
}

function fromApache(text: string): FoundTime | undefined {
  const match = APACHE.exec(text);
  const month = MONTHS.indexOf((match?.[1] ?? '').toLowerCase());
  if (match === null || month < 0) return undefined;
  const [all, , day, hour, minute, second, fraction, year] = match;
  const ms = new Date(Number(year), month, Number(day), Number(hour), Number(minute), Number(second)).getTime();
  return result(ms, fraction, all.length);
}

function fromEpoch(text: string): FoundTime | undefined {
  const match = EPOCH.exec(text);
  if (match === null) return undefined;
  return result(Number(match[1]) * 1000, match[2] ?? match[3], match[0].length);
}

function fromClock(text: string, nowMs: number): FoundTime | undefined {
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  const day = new Date(nowMs);
  day.setHours(Number(match[1]), Number(match[2]), Number(match[3]), 0);
  return result(day.getTime() > nowMs + 3_600_000 ? day.getTime() - 86_400_000 : day.getTime(), match[4], match[0].length);
}

function result(wholeMs: number, fraction: string | undefined, length: number): FoundTime | undefined {
  if (Number.isNaN(wholeMs)) return undefined;
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
  return { ms: wholeMs + ms, length, fine: fraction !== undefined };
}

function zoneMs(zone: string): number {
  const match = /([+-])(\d\d):?(\d\d)/.exec(zone);
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000;
}
