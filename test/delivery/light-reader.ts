import { connect } from 'node:net';
import { get } from './feed-server.ts';

const buffer = Buffer.alloc(256 * 1024);

/** One of a crowd. */
export interface LightReader {
  /** What has come so far. */
  readonly bytes: number;
  stop(): void;
}

/** Reads Server-Sent Events as cheaply as Node can, and throws them away; resolves when the answer has begun. */
export async function lightReader(port: number, path: string, headers = {}): Promise<LightReader> {
  let bytes = 0;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const callback = (read: number) => {
    bytes += read;
    begin();
    return true;
  };
  const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } });
  socket.on('error', () => undefined);
  socket.write(get(path, { Accept: 'text/event-stream', ...headers }));
  await begun;
  return {
    get bytes() {
      return bytes;
    },
    stop: () => void socket.destroy(),
  };
}
