import assert from 'node:assert/strict';
import { once, setMaxListeners } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { catchUp, type Step } from '../../server/delivery/catch-up.ts';
import type { Format } from '../../server/delivery/format.ts';
import { ndjsonFormat, sseBatchFormat, sseFormat, textFormat } from '../../server/delivery/formats.ts';
import { FramingTurns } from '../../server/delivery/framing-turns.ts';
import { Outlet } from '../../server/delivery/outlet.ts';
import { ReusedRoom } from '../../server/delivery/room.ts';
import type { FileLog } from '../../server/feed/file/file-log.ts';
import { tailing } from '../feed/file/tailing.ts';
import { outletServer } from './outlet-server.ts';

/** About 20 MB: more than the system keeps for a client that takes nothing. */
const LINES = 40_000;
const REST_EVERY_BYTES = 4 << 20;

/** Every format, and what its lines end with. */
const FORMATS = [
  ['Server-Sent Events', '\r\n', sseFormat],
  ['batched Server-Sent Events', '\n', () => sseBatchFormat('a', 100)],
  ['JSON lines', '\n', () => ndjsonFormat('a')],
  ['text that is sent as it was read', '\n', textFormat],
  ['text whose line ends are rewritten', '\r\n', textFormat],
] as const;

function history(ending: string): string {
  return Array.from({ length: LINES }, (_, number) => `${number} ${'x'.repeat(number % 977)}${ending}`).join('');
}

async function* steps(log: FileLog, format: Format, signal: AbortSignal): AsyncGenerator<Step> {
  const { position } = await log.locate({ at: 'oldest' });
  yield* catchUp(log, { format, framing: new FramingTurns() }, { from: position, signal });
}

async function send(log: FileLog, format: Format, outlet: Outlet): Promise<void> {
  for await (const { bytes, giveBack } of steps(log, format, outlet.closed)) await outlet.send(bytes, giveBack);
  outlet.end();
}

/** The same bytes, each batch framed for itself and kept. */
async function framed(log: FileLog, format: Format): Promise<Buffer> {
  const { position } = await log.locate({ at: 'oldest' });
  const parts: Buffer[] = [];
  for await (const batch of log.read(position, { signal: new AbortController().signal }))
    if (batch.kind === 'events') parts.push(format.events([batch]));
  return Buffer.concat(parts);
}

async function ask(port: number): Promise<IncomingMessage> {
  const request = get({ port, host: '127.0.0.1', agent: false });
  const [response] = await once(request, 'response');
  return response;
}

async function all(response: IncomingMessage, restMs = 0): Promise<Buffer> {
  const parts: Buffer[] = [];
  let untilRest = REST_EVERY_BYTES;
  for await (const part of response) {
    parts.push(part);
    untilRest -= part.length;
    if (untilRest > 0) continue;
    untilRest = REST_EVERY_BYTES;
    if (restMs > 0) await delay(restMs);
  }
  return Buffer.concat(parts);
}

for (const [what, ending, makeFormat] of FORMATS)
  test(`a client that takes a history in fits and starts gets every byte of it: ${what}`, async (context) => {
    const { log } = await tailing(context, history(ending));
    const format = makeFormat();
    const { port } = await outletServer(context, (outlet) => void send(log, format, outlet));
    const [taken, wanted] = await Promise.all([ask(port).then((response) => all(response, 20)), framed(log, format)]);
    assert.ok(wanted.length > 3 * REST_EVERY_BYTES);
    assert.ok(taken.equals(wanted), `${taken.length} bytes of ${wanted.length}`);
  });

for (const [what, ending, makeFormat] of FORMATS)
  test(`what is framed to be sent holds nothing of the memory that is read into again: ${what}`, async (context) => {
    const { log } = await tailing(context, history(ending).slice(0, 500_000));
    const format = makeFormat();
    const { position } = await log.locate({ at: 'oldest' });
    for await (const batch of log.read(position, { signal: new AbortController().signal })) {
      if (batch.kind !== 'events') continue;
      const bytes = format.events([batch], new ReusedRoom());
      const wanted = Buffer.from(format.events([batch]));
      batch.bytes.fill('#');
      assert.ok(bytes.equals(wanted));
    }
  });

/** A client that takes nothing until all has been written to its socket: when is a step's memory given back? */
for (const [when, giveBackOf, isWhole] of [
  ['by the write that carried it', (step: Step) => step.giveBack, true],
  ['too early', (step: Step) => void step.giveBack(), false],
] as const)
  test(`a client that takes nothing at first gets ${isWhole ? 'every byte' : 'other bytes'} where memory is given back ${when}`, async (context) => {
    const { log } = await tailing(context, history('\n'));
    const format = sseFormat();
    let written = () => {};
    const allWritten = new Promise<void>((resolve) => {
      written = resolve;
    });
    const { port } = await outletServer(context, async (outlet) => {
      setMaxListeners(0, outlet.closed);
      for await (const step of steps(log, format, outlet.closed)) void outlet.send(step.bytes, giveBackOf(step) ?? (() => {}));
      outlet.end();
      written();
    });
    const response = await ask(port);
    await allWritten;
    const taken = await all(response);
    const wanted = await framed(log, format);
    assert.equal(taken.length, wanted.length);
    assert.equal(taken.equals(wanted), isWhole);
  });

test('readers of one history get every byte of it while others of them are cut off', async (context) => {
  const { log } = await tailing(context, history('\n'));
  const format = sseFormat();
  const { port } = await outletServer(context, (outlet) => void send(log, format, outlet));
  const wanted = await framed(log, format);
  const read = async (number: number) => {
    const response = await ask(port);
    if (number % 3 > 0) return assert.ok((await all(response, number)).equals(wanted), `reader ${number}`);
    response.on('error', () => {});
    for (let bytes = 0; bytes < number * 1e6; ) bytes += (await once(response, 'data'))[0].length;
    response.destroy();
  };
  await Promise.all(Array.from({ length: 9 }, (_, number) => read(number)));
});

test('what waits behind another answer of its connection is not given back before it is sent', async (context) => {
  const events: string[] = [];
  let endFirst = () => {};
  let sent = () => {};
  const isSent = new Promise<void>((resolve) => {
    sent = resolve;
  });
  const server = createServer(async (request, response) => {
    if (request.url === '/first') {
      endFirst = () => void response.end(() => events.push('first is sent'));
      return;
    }
    const outlet = new Outlet(request, response);
    outlet.head(200, {});
    setImmediate(() => endFirst());
    await outlet.send(Buffer.from('second'), () => void events.push('second is given back'));
    sent();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  context.after(() => {
    socket.destroy();
    server.close();
  });
  socket.resume().write(['first', 'second'].map((path) => `GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  await isSent;
  assert.deepEqual(events, ['first is sent', 'second is given back']);
});

test('what is sent to a client that is gone is given up at once, and never given back', async (context) => {
  let come: (outlet: Outlet) => void = () => {};
  const asked = new Promise<Outlet>((resolve) => {
    come = resolve;
  });
  const { port } = await outletServer(context, (outlet) => come(outlet));
  const request = get({ port, host: '127.0.0.1', agent: false });
  request.on('error', () => {});
  const outlet = await asked;
  let given = 0;
  const giveBack = () => {
    given += 1;
  };
  const waiting = outlet.send(Buffer.alloc(64 << 20), giveBack);
  request.destroy();
  await waiting;
  await outlet.send(Buffer.alloc(1 << 20), giveBack);
  assert.equal(outlet.isOpen, false);
  assert.equal(given, 0);
});
