import type { OpenStream } from './feed-connection.ts';
import { CONTROL_TYPES, type ControlType, parseControl } from './protocol.ts';
import type { ReadStream } from './read-stream.ts';

/** Gives each event of a stream as it comes, for what is said now and then. */
export function openEventStream(read: ReadStream, message: (data: string) => void): OpenStream {
  return (url, sink) => {
    const abort = new AbortController();
    const { signal } = abort;
    void read(url, {
      signal,
      take: (events) => {
        for (const { type, data, id = '' } of events)
          if (type === 'message') sink.message(id, () => message(data));
          else if ((CONTROL_TYPES as readonly string[]).includes(type)) sink.control(type as ControlType, parseControl(data), id);
      },
    }).then((end) => !signal.aborted && sink.failed(end));
    return { close: () => abort.abort() };
  };
}
