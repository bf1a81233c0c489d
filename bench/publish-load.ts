import { connect, type Socket } from 'node:net';

/** A load that runs until it is told to stop. */
export interface PublishLoad {
  /** Events that have been acknowledged. */
  readonly acknowledged: number;
  /** From sending each event to its acknowledgement, ms; empty for streams. */
  readonly waitsMs: readonly number[];
  stop(): void;
}

const LF = 10;

/** `count` connections, each of which publishes an event, waits for the 201, and publishes the next. */
export function publishOneByOne(port: number, count: number, data: string): PublishLoad {
  const head = `POST /feeds/bench HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: ${data.length}\r\n\r\n`;
  const request = Buffer.from(head + data);
  const load = { acknowledged: 0, waitsMs: [] as number[], stop: (): void => undefined };
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    let sentAt = performance.now();
    socket.write(request);
    socket.on('data', (answer) => {
      if (!answer.subarray(0, 12).equals(CREATED)) throw new Error(answer.toString());
      if (answer[answer.length - 1] !== LF) throw new Error('half an answer');
      const now = performance.now();
      load.waitsMs.push(now - sentAt);
      load.acknowledged += 1;
      sentAt = now;
      socket.write(request);
    });
    return socket;
  });
  load.stop = () => end(sockets);
  return load;
}

const CREATED = Buffer.from('HTTP/1.1 201');

/** One connection that streams lines of JSON as fast as they are taken; each has its own acknowledgement. */
export function publishStream(port: number, data: string): PublishLoad {
  const lines = Buffer.from(`${JSON.stringify({ data })}\n`.repeat(512));
  const chunk = Buffer.concat([Buffer.from(`${lines.length.toString(16)}\r\n`), lines, Buffer.from('\r\n')]);
  const load = { acknowledged: 0, waitsMs: [], stop: (): void => undefined };
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  socket.write('POST /feeds/bench?format=ndjson HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n');
  const write = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', write);
  socket.on('data', (answer) => {
    for (let at = answer.indexOf(ACK); at >= 0; at = answer.indexOf(ACK, at + 1)) load.acknowledged += 1;
  });
  write();
  load.stop = () => end([socket]);
  return load;
}

/** An acknowledgement begins with this; one that is cut between two pieces of the answer is not counted. */
const ACK = Buffer.from('{"line":');

function end(sockets: readonly Socket[]): void {
  for (const socket of sockets) {
    socket.removeAllListeners('data');
    socket.on('error', () => undefined);
    socket.destroy();
  }
}
