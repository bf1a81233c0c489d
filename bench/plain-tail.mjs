/**
 * What the live cases of bench/tail.ts compare the service with: looks at FILE every 5 ms, makes of what has been appended the plainest
 * event stream and gives it to everyone who is connected. No identity, no resume, no check of anything.
 * Prints `listening` once it does.
 *
 *     node plain-tail.mjs FILE PORT
 */
import { openSync, read } from 'node:fs';
import { createServer } from 'node:http';

const LOOK_MS = 5;
const READ_BYTES = 256 * 1024;
const LF = 10;

const [path, port] = process.argv.slice(2);
const file = openSync(path, 'r');
const clients = new Set();
let offset = 0;
let left = Buffer.alloc(0);

const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(':\n\n');
  clients.add(response);
  response.on('close', () => clients.delete(response));
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
look();

function look() {
  read(file, Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, offset, (error, length, bytes) => {
    if (error) throw error;
    offset += length;
    if (length > 0) give(Buffer.concat([left, bytes.subarray(0, length)]));
    if (length === READ_BYTES) setImmediate(look);
    else setTimeout(look, LOOK_MS);
  });
}

function give(bytes) {
  const frames = Buffer.allocUnsafe(2 * bytes.length);
  let at = 0;
  let start = 0;
  for (let lf = bytes.indexOf(LF); lf >= 0; lf = bytes.indexOf(LF, start)) {
    at += frames.latin1Write(`id: ${offset}\ndata: `, at);
    at += bytes.copy(frames, at, start, lf - 1);
    at += frames.latin1Write('\n\n', at);
    start = lf + 1;
  }
  left = Buffer.from(bytes.subarray(start));
  for (const client of clients) client.write(frames.subarray(0, at));
}
