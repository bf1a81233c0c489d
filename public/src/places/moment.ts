const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?)?$/;
const AGO = /^(\d{1,6}) ?([smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The moment that a reader means: `14:02` (the last time that it was), `2026-11-23 14:02:30`, `15m` ago. In this machine's zone. */
export function parseMoment(text: string, nowMs: number): number | undefined {
  const typed = text.trim();
  const [, count, unit] = AGO.exec(typed) ?? [];
  if (count !== undefined && unit !== undefined) return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  return clock(typed, nowMs) ?? date(typed);
}

function clock(typed: string, nowMs: number): number | undefined {
  const [, hour, minute, second = '0'] = CLOCK.exec(typed) ?? [];
  if (hour === undefined || !isClock(hour, minute, second)) return undefined;
  const day = new Date(nowMs);
  day.setHours(Number(hour), Number(minute), Number(second), 0);
  if (day.getTime() > nowMs) day.setDate(day.getDate() - 1);
  return day.getTime();
}

function date(typed: string): number | undefined {
  const [, year, month, day, hour = '0', minute = '0', second = '0'] = DATE.exec(typed) ?? [];
  if (year === undefined || !isClock(hour, minute, second)) return undefined;
  const made = new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return made.getMonth() === Number(month) - 1 && made.getDate() === Number(day) ? made.getTime() : undefined;
}

function isClock(hour: string, minute: string | undefined, second: string): boolean {
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}
