import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { chunkOf } from '../../server/delivery/chunked.ts';
import { Outlet } from '../../server/delivery/outlet.ts';
import { eventually } from '../source/eventually.ts';
import { get, RawClient } from './feed-server.ts';

const noDescriptors = { skip: process.platform === 'win32' && 'sockets have no descriptors here' };

interface Lent {
  readonly server: Server;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly outlet: Outlet;
  readonly client: RawClient;
  readonly fd: number;
  /** At each time that the descriptor was taken back: whether it was the socket's still. */
  readonly takenBack: boolean[];
}

/** A connection behind the head of its answer, whose descriptor is lent. */
async function lent(context: TestContext, path = '/'): Promise<Lent> {
  const server = createServer().listen(0, '127.0.0.1');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const client = await RawClient.open(context, (server.address() as AddressInfo).port, get(path));
  const [request, response] = await asked;
  const outlet = new Outlet(request, response);
  outlet.head(200, {});
  const takenBack: boolean[] = [];
  let [fd, inode] = [-1, 0];
  const takeBack = () => void takenBack.push(fstatSync(fd).ino === inode);
  await eventually('the head has gone out', () => {
    fd = outlet.lend({ takeBack });
    return fd >= 0;
  });
  inode = fstatSync(fd).ino;
  return { server, request, response, outlet, client, fd, takenBack };
}

const CLOSED_AT_ONCE: Readonly<Record<string, (lent: Lent) => void>> = {
  'the outlet': ({ outlet }) => outlet.destroy(),
  'the response': ({ response }) => void response.destroy(),
  'the socket': ({ request }) => void request.socket.destroy(),
  'the socket, with a reset': ({ request }) => void request.socket.resetAndDestroy(),
  'the socket, with an error': ({ request }) => void request.socket.destroy(new Error('no more')),
  'the server': ({ server }) => server.closeAllConnections(),
};

for (const [who, close] of Object.entries(CLOSED_AT_ONCE))
  test(
    `closed at once by ${who}: its descriptor has been taken back when another file has the number`,
    noDescriptors,
    async (context) => {
      const connection = await lent(context);
      const { outlet, fd, takenBack, request, response } = connection;
      const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
      const opened: number[] = [];
      context.after(() => {
        for (const number of opened) closeSync(number);
        rmSync(folder, { recursive: true });
      });
      for (const one of [request, response, request.socket]) one.on('error', () => undefined);
      close(connection);
      while (!opened.includes(fd) && opened.length < 20) opened.push(openSync(join(folder, 'another'), 'a'));
      assert.deepEqual(takenBack, [true], 'before it was closed');
      assert.ok(opened.includes(fd), 'the file has the number that the socket had');
      assert.equal(outlet.lend({ takeBack: () => undefined }), -1);
      outlet.writeChunk(chunkOf([Buffer.from('not for a file')]));
      assert.equal(readFileSync(join(folder, 'another'), 'utf8'), '');
    },
  );

const CLOSED_LATER: Readonly<Record<string, (lent: Lent) => void>> = {
  'the end of the answer': ({ outlet }) => outlet.end(),
  'the end of what the socket sends': ({ request }) => request.socket.destroySoon(),
  'a client that leaves': ({ client }) => void client.socket.end(),
  'a client that is gone': ({ client }) => client.socket.resetAndDestroy(),
  'a client that sends rubbish': ({ client }) => void client.socket.write('no request\r\n\r\n'),
  silence: ({ request }) => void request.socket.setTimeout(1),
};

for (const [what, act] of Object.entries(CLOSED_LATER))
  test(`closed by ${what}: the descriptor has been taken back before`, noDescriptors, async (context) => {
    const connection = await lent(context);
    const closed = once(connection.request.socket, 'close').catch((error: unknown) => error);
    connection.request.socket.on('error', () => undefined);
    act(connection);
    await closed;
    assert.deepEqual(connection.takenBack, [true]);
  });

test(
  'what is written besides goes out in order, and the descriptor is lent again when it has',
  noDescriptors,
  async (context) => {
    const { outlet, client, fd, takenBack } = await lent(context);
    writeSync(fd, chunkOf([Buffer.from('one ')]));
    outlet.write('two ');
    assert.deepEqual(takenBack, [true]);
    const much = 'x'.repeat(8 * 2 ** 20);
    outlet.write(much);
    assert.equal(outlet.lend({ takeBack: () => undefined }), -1, 'the socket holds something back');
    await eventually('it is lent again', () => outlet.lend({ takeBack: () => undefined }) === fd);
    writeSync(fd, chunkOf([Buffer.from(' three')]));
    outlet.end();
    await eventually('all has come', () => client.body.isWhole);
    assert.ok(client.body.text === `one two ${much} three`);
  },
);

test('of a body that is not chunked, nothing is lent', noDescriptors, async (context) => {
  const server = createServer((request, response) => {
    const outlet = new Outlet(request, response);
    outlet.head(200, {});
    assert.equal(outlet.lend({ takeBack: () => undefined }), -1);
    setImmediate(() => {
      outlet.write(`${outlet.lend({ takeBack: () => undefined })}`);
      outlet.end();
    });
  }).listen(0, '127.0.0.1');
  context.after(() => void server.close());
  await once(server, 'listening');
  const client = await RawClient.open(context, (server.address() as AddressInfo).port, 'GET / HTTP/1.0\r\n\r\n');
  await eventually('it has come', () => client.isEnded);
  assert.match(client.text, /\r\n\r\n-1$/);
});
