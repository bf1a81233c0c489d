import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { chunkOf } from '../../server/delivery/chunked.ts';
import { descriptorOf, writeDirectly } from '../../server/delivery/direct-write.ts';
import { Outlet } from '../../server/delivery/outlet.ts';
import { eventually } from '../source/eventually.ts';
import { get, RawClient } from './feed-server.ts';

const noDescriptors = process.platform === 'win32' && 'sockets have no descriptors here';

/** A socket of a server, and the client at its other end. */
async function pair(context: TestContext): Promise<{ socket: Socket; client: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [socket] = (await once(server, 'connection')) as [Socket];
  context.after(() => {
    for (const end of [client, socket]) end.destroy();
    server.close();
  });
  return { socket, client };
}

test('the system takes what there is room for, and the socket the rest, in order', { skip: noDescriptors }, async (context) => {
  const { socket, client } = await pair(context);
  const fd = descriptorOf(socket);
  assert.ok(fd >= 0);
  const bytes = Buffer.alloc(32 * 2 ** 20, Buffer.from(Array.from({ length: 251 }, (_, byte) => byte)));
  assert.equal(writeDirectly(socket, fd, bytes.subarray(0, 100)), 100);
  const taken = writeDirectly(socket, fd, bytes.subarray(100));
  assert.ok(taken > 0 && taken < bytes.length - 100, 'there is not room for all of it');
  assert.equal(writeDirectly(socket, fd, bytes.subarray(100 + taken, 101 + taken)), 0, 'there is no room');
  socket.end(bytes.subarray(100 + taken));
  const parts: Buffer[] = [];
  for await (const part of client) parts.push(part);
  assert.ok(Buffer.concat(parts).equals(bytes));
});

test('nothing is written where a closed socket was, though its number is that of a file by now', {
  skip: noDescriptors,
}, async (context) => {
  const { socket } = await pair(context);
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
  const file = join(folder, 'another');
  const fd = descriptorOf(socket);
  socket.destroy();
  const opened: number[] = [];
  context.after(() => {
    for (const number of opened) closeSync(number);
    rmSync(folder, { recursive: true });
  });
  while (!opened.includes(fd) && opened.length < 20) opened.push(openSync(file, 'a'));
  assert.ok(opened.includes(fd), 'the file has the number that the socket had');
  assert.equal(writeDirectly(socket, fd, Buffer.from('not for a file')), 0);
  assert.equal(readFileSync(file, 'utf8'), '');
  assert.equal(descriptorOf(socket), -1);
});

test('a client that is gone takes nothing, and the socket says so itself', { skip: noDescriptors }, async (context) => {
  const { socket, client } = await pair(context);
  const fd = descriptorOf(socket);
  const failed = once(socket, 'error');
  client.resetAndDestroy();
  await eventually('nothing is taken', () => writeDirectly(socket, fd, Buffer.from('x')) === 0);
  socket.write('x');
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.match(String(error.code), /EPIPE|ECONNRESET/);
});

test('behind a head that could not be sent, since the client has half-closed, nothing is', async (context) => {
  let isWritten = false;
  const server = createHttpServer((request, response) => {
    request.socket.end();
    const outlet = new Outlet(request, response);
    outlet.head(200, {});
    outlet.writeChunk(chunkOf([Buffer.from('no head')]));
    isWritten = true;
  }).listen(0, '127.0.0.1');
  context.after(() => void server.close());
  await once(server, 'listening');
  const client = await RawClient.open(context, (server.address() as AddressInfo).port, get('/'));
  await eventually('it is at its end', () => isWritten && client.isEnded);
  assert.equal(client.text, '');
});

test('what is to be encrypted goes by no other way', async (context) => {
  const key = { psk: Buffer.alloc(16, 7), identity: 'a' };
  const tls = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
  const server = createTlsServer({ ...tls, pskCallback: () => key.psk, pskIdentityHint: '' }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connectTls({ ...tls, port, host: '127.0.0.1', pskCallback: () => key, checkServerIdentity: () => undefined });
  const [socket] = (await once(server, 'secureConnection')) as [Socket];
  context.after(() => {
    for (const end of [client, socket]) end.destroy();
    server.close();
  });
  assert.equal(descriptorOf(socket), -1);
});
