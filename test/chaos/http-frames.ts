import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type Frame, type FrameReader, NdjsonFrames, SseFrames } from './frames.ts';

export type Wire = 'sse' | 'ndjson';

export interface Connection {
  /** Takes nothing more out of the socket until `goOn`. */
  stall(): void;
  goOn(): void;
  /** Cuts it, whatever is on its way. */
  cut(): void;
}

const ACCEPT: Readonly<Record<Wire, string>> = { sse: 'text/event-stream', ndjson: 'application/x-ndjson' };

/** Asks `url` and hands over each event; `onEnd` is called once, when the connection is no more, with the reason. */
export function connect(
  url: string,
  options: { wire: Wire; lastId: string; onFrame: (frame: Frame) => void; onEnd: (why: string) => void },
): Connection {
  const { wire, lastId, onFrame, onEnd } = options;
  const headers = { accept: ACCEPT[wire], ...(lastId === '' ? {} : { 'last-event-id': lastId }) };
  let response: IncomingMessage | undefined;
  let hasEnded = false;
  const end = (why: string) => {
    if (!hasEnded) onEnd(why);
    hasEnded = true;
  };
  const asking: ClientRequest = request(url, { headers, agent: false }, (answer) => {
    response = answer;
    if (answer.statusCode !== 200) {
      answer.resume();
      return end(`answered ${answer.statusCode}`);
    }
    const frames: FrameReader = wire === 'sse' ? new SseFrames() : new NdjsonFrames();
    answer.on('data', (bytes: Buffer) => {
      if (!hasEnded) for (const frame of frames.take(bytes)) onFrame(frame);
    });
    answer.on('close', () => end(answer.complete ? 'ended' : 'cut'));
    answer.on('error', () => {});
  });
  asking.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  asking.end();
  return {
    stall: () => response?.pause(),
    goOn: () => response?.resume(),
    cut: () => {
      end('cut by the reader');
      asking.destroy();
    },
  };
}

/** All events of an answer that ends; undefined where it was cut or refused, or has not ended within `limitMs`. */
export async function fetchFrames(url: string, limitMs = 30_000): Promise<Frame[] | undefined> {
  const frames: Frame[] = [];
  let timer: NodeJS.Timeout | undefined;
  const why = await new Promise<string>((resolve) => {
    const connection = connect(url, { wire: 'ndjson', lastId: '', onFrame: (frame) => frames.push(frame), onEnd: resolve });
    timer = setTimeout(() => connection.cut(), limitMs);
  });
  clearTimeout(timer);
  return why === 'ended' ? frames : undefined;
}
