import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { serviceNews } from '../../../public/src/connection/back.ts';
import type { StreamEnd } from '../../../public/src/connection/read-stream.ts';
import type { StreamEvent } from '../../../public/src/connection/sse-events.ts';
import type { TabAnswer, TabRequest } from '../../../public/src/tabs/messages.ts';
import { SharedStreams } from '../../../public/src/tabs/shared-streams.ts';
import { eventually } from '../../source/eventually.ts';

const URL_OF_LINES = '/feeds/a.log?format=sse&last=10&batch=10';

/** A tab and the worker's end of its port; `fetch` has the service's address before the page's. */
async function tab(t: TestContext, unheardMs?: number) {
  const served: string[] = [];
  const server = createServer((request, response) => {
    served.push(request.url ?? '');
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end('id: c9\ndata: {"feed":"a.log","id":"c9","time":null,"type":"message","data":"alone"}\n\n');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port: number } = server.address() as AddressInfo;
  const { fetch } = globalThis;
  globalThis.fetch = (url, init) => fetch(`http://127.0.0.1:${number}${url}`, init);
  const abort = new AbortController();
  const { port1, port2 } = new MessageChannel();
  let renewed = 0;
  const streams = new SharedStreams(port1, {
    renew: () => {
      renewed += 1;
    },
    signal: abort.signal,
    ...(unheardMs === undefined ? {} : { unheardMs }),
  });
  const asked: TabRequest[] = [];
  port2.onmessage = ({ data }: MessageEvent<TabRequest>) => void asked.push(data);
  t.after(() => {
    abort.abort();
    globalThis.fetch = fetch;
    server.close();
    server.closeAllConnections();
    for (const port of [port1, port2]) port.close();
  });
  const taken: StreamEvent[] = [];
  const ends: StreamEnd[] = [];
  const take = (events: readonly StreamEvent[]) => void taken.push(...events);
  const read = (url = URL_OF_LINES) => void streams.read(url, { signal: abort.signal, take }).then((end) => ends.push(end));
  return {
    streams,
    served,
    asked,
    taken,
    ends,
    read,
    renewed: () => renewed,
    answer: (answer: TabAnswer) => port2.postMessage(answer),
  };
}

const event = { type: 'message', data: '{}', id: 'c1' };
const opens = (asked: readonly TabRequest[]) => asked.filter((request) => request.do === 'open').length;

test('a worker that is never heard is done without', async (t) => {
  const { read, taken, served, asked, renewed } = await tab(t, 50);
  read();
  await eventually('it has read by itself', () => taken.some(({ id }) => id === 'c9'));
  read();
  await eventually('it goes on so', () => served.length === 2);
  assert.deepEqual([opens(asked), renewed()], [1, 0]);
});

test('a worker that was heard and falls silent is made anew, and streams begin again where they were', async (t) => {
  const { read, answer, asked, ends, renewed } = await tab(t, 50);
  serviceNews.addEventListener('back', () => read(), { once: true });
  answer({ is: 'back' });
  await eventually('another is wanted', () => renewed() === 1);
  await eventually('the stream has ended', () => ends.length === 1);
  assert.deepEqual([opens(asked), ends[0]], [1, {}]);
});

test('a stream that has begun is not begun again by itself where the worker is gone, since its lines would come twice', async (t) => {
  const { streams, read, asked, answer, taken, ends, served } = await tab(t);
  read();
  await eventually('it is asked for', () => opens(asked) === 1);
  answer({ is: 'events', stream: 1, events: [event], characters: 100 });
  await eventually('it has come', () => taken.length === 1);
  await eventually('it is told', () => asked.some((request) => request.do === 'taken' && request.characters === 100));
  streams.readAlone();
  await eventually('it has ended', () => ends.length === 1);
  assert.deepEqual([ends[0], served], [{}, []]);
});

test('a feed that was read alone stays so until it is opened anew: its place may be ahead of the shared connection', async (t) => {
  const { read, asked, answer, ends, served } = await tab(t);
  read();
  await eventually('it is asked for', () => opens(asked) === 1);
  answer({ is: 'alone', stream: 1 });
  await eventually('it has been read alone', () => ends.length === 1);
  read(`${URL_OF_LINES}&lastEventId=c9`);
  await eventually('so it is again', () => ends.length === 2);
  assert.deepEqual([opens(asked), served.length], [1, 2]);
  read();
  await eventually('it is asked for', () => opens(asked) === 2);
});
