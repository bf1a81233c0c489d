import type { OpenStream } from './feed-connection.ts';
import { CONTROL_TYPES, parseControl } from './protocol.ts';
import { findRefusal } from './refusal.ts';

/** Reads a stream by EventSource, for what is said now and then. */
export function openEventSource(message: (data: string) => void): OpenStream {
  return (url, sink) => {
    const source = new EventSource(url);
    let isClosed = false;
    source.onmessage = ({ data, lastEventId }: MessageEvent<string>) => sink.message(lastEventId, () => message(data));
    for (const type of CONTROL_TYPES) {
      source.addEventListener(type, ({ data, lastEventId }: MessageEvent<string>) =>
        sink.control(type, parseControl(data), lastEventId),
      );
    }
    // CONNECTING means that the network failed; CLOSED that the answer was no stream, and then the reason can be had.
    source.onerror = async () => {
      const wasAnswered = source.readyState === EventSource.CLOSED;
      source.close();
      const refusal = wasAnswered ? await findRefusal(url) : undefined;
      if (!isClosed) sink.failed(refusal);
    };
    const close = () => {
      isClosed = true;
      source.close();
    };
    return { close };
  };
}
