import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { closeServer, listen, urlOf } from '../../server/http/listen.ts';
import { eventually } from '../source/eventually.ts';

async function listening(context: TestContext, handler: RequestListener, host = '127.0.0.1'): Promise<Server> {
  const server = await listen(handler, { host, port: 0 });
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

test('an address that is taken is an error with its code', async (context) => {
  const server = await listening(context, () => undefined);
  await assert.rejects(
    listen(() => undefined, { host: '127.0.0.1', port: portOf(server) }),
    { code: 'EADDRINUSE' },
  );
});

test('the address is a URL that can be opened here', async (context) => {
  const url = (host: string) => listening(context, () => undefined, host).then((server) => urlOf(server).replace(/\d+$/, ''));
  assert.equal(await url('127.0.0.1'), 'http://127.0.0.1:');
  assert.equal(await url('0.0.0.0'), 'http://127.0.0.1:');
  assert.equal(await url('localhost'), 'http://127.0.0.1:');
});

test('no request is cut for being long', async (context) => {
  assert.equal((await listening(context, () => undefined)).requestTimeout, 0);
});

test('closing waits for what is being answered, and for nothing else', async (context) => {
  let finish: () => void = () => undefined;
  let isAnswering = false;
  const server = await listening(context, (request, response) => {
    if (request.url === '/quick') return void response.end('quick');
    response.write('slow ');
    isAnswering = true;
    finish = () => response.end('and whole');
  });
  const agent = new Agent({ keepAlive: true });
  context.after(() => agent.destroy());
  const fetchText = async (path: string): Promise<string> => {
    const [response] = await once(get({ port: portOf(server), path, agent }), 'response');
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    return text;
  };
  // One that is kept alive, one that has never asked anything (browsers open such ahead), one that asks slowly.
  await fetchText('/quick');
  const silent = connect(portOf(server), '127.0.0.1');
  await once(silent, 'connect');
  silent.resume().on('error', () => undefined);
  const slow = fetchText('/slow');
  let text = '';
  void slow.then((whole) => {
    text = whole;
  });
  await eventually('it is being answered', () => isAnswering);
  let isClosed = false;
  const start = performance.now();
  const closed = closeServer(server).then(() => {
    isClosed = true;
  });
  await assert.rejects(fetchText('/late'), 'nobody new is let in');
  assert.equal(isClosed, false);
  finish();
  await closed;
  await eventually('the answer was whole', () => text === 'slow and whole');
  assert.ok(performance.now() - start < 4_000, 'well before the service is stopped by force');
});
