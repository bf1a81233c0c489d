import { Histogram } from './histogram.ts';

/** What delivery has done since the service started, for `/healthz`. */
export class Figures {
  /** From the moment in which a chunk is framed to that in which all who could take it have been written to: one value a chunk. */
  readonly latency = new Histogram();
  /** Writes out of the shared window. */
  windowHits = 0;
  /** Times that a reader was behind the window and read from the log. */
  catchUps = 0;
  /** `feed.gap` events; one that many readers share counts once. */
  gaps = 0;
  /** Readers that were cut off because they took nothing. */
  stalls = 0;
}
