import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { test } from 'node:test';
import type { Express } from 'express';
import { answerProblem } from '../../server/http/answer-problem.ts';
import { liveMessages } from '../../server/http/live-messages.ts';
import { ask, serve } from './serving.ts';

function build(stopping?: AbortSignal): (app: Express) => void {
  return (app) => {
    app.get('/live_messages', liveMessages(stopping));
    app.use(answerProblem({ error: () => undefined }));
  };
}

test('HEAD answers the headers and ends at once', async (t) => {
  const { port } = await serve(t, build());
  const answer = await ask(port, '/live_messages', { method: 'HEAD' });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(answer.headers['x-accel-buffering'], 'no');
});

test('an EventSource that was cut off goes on behind the message it last saw', async (t) => {
  const { port } = await serve(t, build());
  const answer = await ask(port, '/live_messages', { headers: { Accept: 'text/event-stream', 'Last-Event-ID': '8' } });
  assert.equal(answer.headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.equal(answer.body.toString(), 'id: 9\ndata: Message 9 from server\n\n');
});

test('an EventSource that has seen all ten is told not to come back', async (t) => {
  const { port } = await serve(t, build());
  const answer = await ask(port, '/live_messages', { headers: { Accept: 'text/event-stream', 'Last-Event-ID': '9' } });
  assert.equal(answer.status, 204);
});

test('a format that does not exist is refused', async (t) => {
  const { port } = await serve(t, build());
  assert.equal((await ask(port, '/live_messages?format=xml')).status, 400);
  assert.equal((await ask(port, '/live_messages?format=sse&format=text')).status, 400);
});

for (const [accept, ending] of [
  ['text/event-stream', 'ends'],
  ['text/plain', 'is cut'],
] as const) {
  test(`when the service stops, ${accept} ${ending}`, async (t) => {
    const stopping = new AbortController();
    const { url } = await serve(t, build(stopping.signal));
    const [response] = await once(get(`${url}/live_messages`, { headers: { accept } }), 'response');
    await once(response, 'data');
    stopping.abort();
    if (ending === 'ends') await once(response.resume(), 'end');
    else await assert.rejects(once(response.resume(), 'end'), { code: 'ECONNRESET' });
  });
}
