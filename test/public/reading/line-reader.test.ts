import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Chunk } from '../../../public/src/log/chunk.ts';
import { type Lines, NOTE } from '../../../public/src/log/lines.ts';
import { Desk } from '../../../public/src/reading/desk.ts';
import type { Answer } from '../../../public/src/reading/messages.ts';
import { eventually } from '../../source/eventually.ts';

/** A service that answers as told, and a desk that asks it. */
async function desk(t: TestContext, answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const answers: Answer[] = [];
  const { port } = server.address() as AddressInfo;
  const asked = new Desk((given) => void answers.push(given));
  let stream = 0;
  const open = () => {
    stream += 1;
    asked.handle({ do: 'open', stream, feed: 'a.log', url: `http://127.0.0.1:${port}/`, seen: undefined });
  };
  open();
  t.after(() => {
    for (let each = 1; each <= stream; each += 1) asked.handle({ do: 'close', stream: each });
    server.closeAllConnections();
    server.close();
  });
  return { answers, open, taken: () => asked.handle({ do: 'taken', stream: 1 }) };
}

const frame = (type: string, data: object, id?: string) =>
  `event: ${type}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
const batch = (from: number, until: number, text = '') => {
  const lines = Array.from({ length: until - from }, (_, index) => {
    const number = from + index;
    return `data: ${JSON.stringify({ id: `c${number + 1}`, time: null, data: `line ${number}${text}` })}\n`;
  });
  return `id: c${until}\n${lines.join('')}\n`;
};
const begin = (response: ServerResponse, instance = 'i') => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(frame('feed.open', { feed: 'a.log', start: 'resumed', head: 'c5', instance }, 'c0'));
};

function textsOf(lines: Lines): string[] {
  const texts: string[] = [];
  for (let row = 0; row < lines.count; ) {
    const chunk = new Chunk(lines.since);
    row = chunk.append(lines, row);
    for (let index = 0; index < chunk.count; index += 1) texts.push(chunk.isNote(index) ? '(note)' : chunk.text(index));
  }
  return texts;
}

const linesIn = (answers: readonly Answer[]) =>
  answers.flatMap((answer) => (answer.is === 'lines' ? [answer.arrival.lines] : []));

test('a page that takes nothing stops the reading after some megabytes; when it takes again, each line comes once', {
  timeout: 60_000,
}, async (t) => {
  const [count, wide] = [40_000, 'x'.repeat(1_000)];
  let written = 0;
  const { answers, taken } = await desk(t, async (response) => {
    begin(response);
    for (; written < count && !response.destroyed; written += 100)
      if (!response.write(batch(written, written + 100, wide))) await new Promise((resolve) => response.once('drain', resolve));
  });
  await eventually('two answers wait', () => linesIn(answers).length === 2);
  let [before, same] = [-1, 0];
  await eventually('the service waits', () => {
    same = written === before ? same + 1 : 0;
    before = written;
    return same === 20;
  });
  assert.ok(written < count, 'all 40 MB were read, and nobody takes them');
  let given = 2;
  await eventually('all lines are there', () => {
    taken();
    given = linesIn(answers).length;
    return linesIn(answers).reduce((sum, lines) => sum + lines.count, 0) === count;
  });
  assert.ok(given > 2);
  const all = linesIn(answers);
  assert.deepEqual(
    all.flatMap(textsOf).map((text) => text.slice(0, -1_000)),
    Array.from({ length: count }, (_, number) => `line ${number}`),
  );
  for (const [index, lines] of all.entries()) assert.equal(lines.since, index === 0 ? 'c0' : all[index - 1]?.until);
});

test('what is told of a feed comes behind the lines before it, with its row at its place', async (t) => {
  const { answers } = await desk(t, (response) => {
    begin(response);
    response.write(`${batch(0, 7)}${frame('feed.rotated', { time: '2026-11-23T14:31:02.118Z' })}${batch(7, 9)}`);
  });
  await eventually('all is there', () => linesIn(answers).flatMap(textsOf).length === 10);
  const kinds = answers.map((answer) => (answer.is === 'control' ? answer.type : answer.is));
  assert.deepEqual(kinds.slice(0, 3), ['feed.open', 'lines', 'feed.rotated']);
  const [first] = answers.flatMap((answer) => (answer.is === 'lines' ? [answer.arrival] : []));
  assert.deepEqual(first && [textsOf(first.lines).at(-1), first.headRow, first.lines.until], ['(note)', 4, 'c7']);
  assert.equal((first?.lines.flags[7] ?? 0) & NOTE, NOTE);
});

test('another process of the service is told by a row; the end of a stream, and a refusal, as what they are', async (t) => {
  let asked = 0;
  const { answers, open } = await desk(t, (response) => {
    asked += 1;
    if (asked <= 2) begin(response, `i${asked}`);
    else response.writeHead(404, { 'Content-Type': 'application/problem+json' });
    response.end(asked <= 2 ? batch(0, 1) : '{"code":"unknown-feed","title":"There is no such feed"}');
  });
  const failed = () => answers.filter(({ is }) => is === 'failed');
  await eventually('the first has ended', () => failed().length === 1);
  open();
  await eventually('the second has ended', () => failed().length === 2);
  open();
  await eventually('the third is refused', () => failed().length === 3);
  assert.deepEqual(linesIn(answers).flatMap(textsOf), ['line 0', '(note)', 'line 0']);
  assert.deepEqual(
    failed().map((answer) => answer.is === 'failed' && answer.end.refusal?.code),
    [undefined, undefined, 'unknown-feed'],
  );
});
