import type { EventBatch } from '../feed/batch.ts';
import { cursorOf } from './format.ts';

/** Event `index` as a line of JSON: `{feed,id,time,type,data}`, and `cut` where it is a piece of a longer line. */
export function envelope(feed: string, batch: EventBatch, index: number): string {
  const ms = batch.time(index);
  const time = ms === null ? 'null' : `"${isoTime(ms)}"`;
  const type = batch.type(index);
  const cut = batch.isCut(index) ? ',"cut":true' : '';
  return `{"feed":"${feed}","id":"${cursorOf(batch, index)}","time":${time},"type":${
    type === undefined ? '"message"' : JSON.stringify(type)
  },"data":${JSON.stringify(dataOf(batch, index))}${cut}}`;
}

/** The data of event `index`; its line breaks are LF, as EventSource gives them. */
export function dataOf(batch: EventBatch, index: number): string {
  const text = batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]);
  return batch.hasBreaks ? text.replace(/\r\n?/g, '\n') : text;
}

let lastMs = Number.NaN;
let lastIso = '';

/** Events of one batch mostly share their time, and Date#toISOString costs as much as the rest of an envelope. */
function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms;
    lastIso = new Date(ms).toISOString();
  }
  return lastIso;
}
