import type { HistoryPage } from '../connection/page-request.ts';
import type { ControlData, ControlType } from '../connection/protocol.ts';
import type { StreamEnd } from '../connection/read-stream.ts';
import type { Seen } from '../feeds/last-seen.ts';
import type { Lines } from '../log/lines.ts';
import type { Asked } from '../log/service-filter.ts';
import type { OlderRows } from './merged-past.ts';

/** What the page asks of the worker. Streams and pages are numbered by the page. */
export type Request =
  | { readonly do: 'open'; readonly stream: number; readonly feed: string; readonly url: string; readonly seen: Seen | undefined }
  | { readonly do: 'close'; readonly stream: number }
  /** The page has taken one answer with lines. */
  | { readonly do: 'taken'; readonly stream: number }
  | {
      readonly do: 'page';
      readonly page: number;
      readonly feed: string;
      readonly place: PagePlace;
      readonly limit: number;
      readonly asked: Asked | undefined;
    }
  /** Lines that come before those that have been given of several feeds, in the order of their times. */
  | { readonly do: 'older'; readonly page: number; readonly feed: string }
  | { readonly do: 'abort'; readonly page: number }
  /** Streams are to be read by the connection that all tabs share, which is asked at this port. */
  | { readonly do: 'share'; readonly port: MessagePort }
  /** There is no such connection after all. */
  | { readonly do: 'read-alone' };

export type PagePlace = Readonly<Record<string, string>>;

/** Lines of a stream, as they came, with the notes between them. */
export interface Arrival {
  readonly lines: Lines;
  /** Of the last line; null where the service does not know it. */
  readonly lastTime: number | null;
  /** The row behind which all is new that was not there when the stream began; undefined where it is not among these. */
  readonly headRow: number | undefined;
  /** Up to where all has been given, where that is not the place behind the last line; `''` while some is kept back. */
  readonly place?: string;
}

/** What the worker answers. */
export type Answer =
  | { readonly is: 'lines'; readonly stream: number; readonly arrival: Arrival }
  | {
      readonly is: 'control';
      readonly stream: number;
      readonly type: ControlType;
      readonly data: ControlData;
      readonly id: string;
    }
  /** Another port is wanted: who was asked at the one before is gone. */
  | { readonly is: 'share' }
  | { readonly is: 'failed'; readonly stream: number; readonly end: StreamEnd }
  | { readonly is: 'older'; readonly page: number; readonly answer: OlderRows | undefined }
  | { readonly is: 'page'; readonly page: number; readonly answer: HistoryPage | undefined };

/** Where what the worker answers goes; `moved` need not be copied. */
export type Post = (answer: Answer, moved?: Transferable[]) => void;

export function buffersOf({ text, ends, times, flags, sources }: Lines): Transferable[] {
  return [text.buffer, ends.buffer, times.buffer, flags.buffer, sources.buffer];
}
