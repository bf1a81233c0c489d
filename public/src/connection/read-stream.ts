import { parseRefusal, type Refusal } from './refusal.ts';
import { SseEvents, type StreamEvent } from './sse-events.ts';

/** How a stream has ended. */
export interface StreamEnd {
  /** The service has said why there is none. */
  readonly refusal?: Refusal;
  /** Nothing came for too long, not even a beat. */
  readonly isSilent?: boolean;
  /** It was not cut: the service has ended it. */
  readonly isWhole?: boolean;
}

export interface StreamReading {
  readonly signal: AbortSignal;
  /** Takes what has come. Nothing more is read before that is done, so that it is the service that waits. */
  take(events: readonly StreamEvent[]): Promise<void> | void;
}

/** Reads a stream of events to its end; never throws. */
export type ReadStream = (url: string, reading: StreamReading) => Promise<StreamEnd>;

/** Reads a stream by a connection of its own. */
export const readDirectly: ReadStream = async (url, { signal, take }) => {
  try {
    const response = await fetch(url, { headers: { Accept: 'text/event-stream' }, signal });
    if (response.status >= 400 && response.status < 500) return { refusal: parseRefusal(response.status, await response.text()) };
    const type = response.headers.get('Content-Type') ?? '';
    if (!response.ok || !type.startsWith('text/event-stream') || response.body === null) return {};
    const [events, decoder, reader] = [new SseEvents(), new TextDecoder(), response.body.getReader()];
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) return {};
      if (done) return { isWhole: true };
      await take([...events.push(decoder.decode(value, { stream: true }))]);
    }
  } catch {
    return {};
  }
};
