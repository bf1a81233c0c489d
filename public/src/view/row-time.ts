import type { LineRow } from '../log/row.ts';
import type { FoundTime } from '../log/timestamp.ts';
import type { Preferences } from '../preferences.ts';
import { formatDuration } from '../units.ts';
import { create } from './element.ts';

const TICK_MS = 1_000;

/** The cell of a row's time; empty where the line goes on with the one before, and where no times are wanted. */
export function createTime(row: LineRow, found: FoundTime | undefined, { times, zone }: Preferences): HTMLElement {
  const element = create('time', 'time');
  const ms = found?.ms ?? row.time;
  if ((times !== 'clock' && times !== 'ago') || ms === null || row.continued) return element;
  element.textContent = times === 'ago' ? agoWords(ms, Date.now()) : clockWords(ms, found?.fine !== false, zone);
  if (times === 'ago') element.dataset.ms = String(ms);
  element.title = `${new Date(ms).toLocaleString()}, ${new Date(ms).toISOString()}${found === undefined ? ' (when the service read it)' : ''}`;
  return element;
}

/** `14:31:02.118`, or `14:31:02` where the line gives whole seconds only. */
export function clockWords(ms: number, fine: boolean, zone: Preferences['zone']): string {
  const date = new Date(ms);
  // Where toISOString counts from, so that it tells the local time.
  const shiftedMs = zone === 'utc' ? ms : ms - date.getTimezoneOffset() * 60_000;
  return new Date(shiftedMs).toISOString().slice(11, fine ? 23 : 19);
}

/** `12 s ago`; `in 3 s` where the clock that wrote it is ahead. */
export function agoWords(ms: number, nowMs: number): string {
  const distance = nowMs - ms;
  if (Math.abs(distance) < 1_000) return 'now';
  return distance < 0 ? `in ${formatDuration(-distance)}` : `${formatDuration(distance)} ago`;
}

/** Keeps the times that are drawn as `ago` true, each second. */
export function keepAgo(scroller: HTMLElement): void {
  setInterval(() => {
    const nowMs = Date.now();
    for (const element of scroller.querySelectorAll<HTMLElement>('time[data-ms]')) {
      const words = agoWords(Number(element.dataset.ms), nowMs);
      if (element.textContent !== words) element.textContent = words;
    }
  }, TICK_MS);
}
