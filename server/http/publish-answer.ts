import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Appended } from '../feed/appending.ts';
import type { FeedName } from '../feed/name.ts';

/** How long what a client still sends is thrown away once it has been refused, ms: then the connection is cut. */
const LINGER_MS = 2_000;

/** `201`: the event is kept. Its location is the page that holds it alone; its cursor is the feed's entity tag (RFC 9110 §15.3.2). */
export function answerPublished(response: ServerResponse, base: string, name: FeedName, { cursor, timeMs }: Appended): void {
  // ASCII, all of it: as a string it goes out with the head in one piece.
  const body = `{"feed":"${name}","id":"${cursor}","time":"${isoTime(timeMs)}"}\n`;
  response.writeHead(201, {
    Location: `${base}/feeds/${name}?before=${cursor}&limit=1`,
    ETag: `"${cursor}"`,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
  });
  response.end(body);
}

let lastMs = Number.NaN;
let lastIso = '';

/** Events that are kept together mostly have one time. */
export function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms;
    lastIso = new Date(ms).toISOString();
  }
  return lastIso;
}

/**
 * Reads and throws away what the client still sends once it has its answer, for a while: a connection that is cut at once would take
 * the answer with it. Node does the reading; this ends it.
 */
export function endUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (request.complete) return;
    const { socket } = request;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    const stop = () => {
      clearTimeout(timer);
      socket.off('close', stop);
    };
    request.once('end', stop);
    socket.once('close', stop);
  });
}
