import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { answerProblem } from '../../server/http/answer-problem.ts';
import { type FeedRequest, readFeedRequest } from '../../server/http/feed-request.ts';
import { type Answer, ask, serve } from './serving.ts';

type Headers = Readonly<Record<string, string>>;

/** Real requests, answered with what is read out of them. */
async function reader(context: TestContext): Promise<(query: string, headers?: Headers) => Promise<Answer>> {
  const { port } = await serve(context, (app) => {
    app.set('query parser', 'simple');
    app.get('/', (request, response) => void response.json(readFeedRequest(request)));
    app.use(answerProblem({ error: () => undefined }));
  });
  return (query, headers = {}) => ask(port, `/?${query}`, { headers });
}

function requestIn({ status, body }: Answer): FeedRequest {
  assert.equal(status, 200, body.toString());
  return JSON.parse(body.toString());
}

const CURSOR = 'mAbCdEfGh12';

test('every way to say where to begin', async (context) => {
  const read = await reader(context);
  for (const [query, start] of [
    ['', { at: 'head' }],
    ['follow=true', { at: 'head' }],
    ['follow=false', { at: 'oldest' }],
    ['last=0', { at: 'last', count: 0 }],
    ['last=0000', { at: 'last', count: 0 }],
    ['last=100000', { at: 'last', count: 100_000 }],
    ['last=5&follow=false', { at: 'last', count: 5 }],
    ['since=start', { at: 'oldest' }],
    [`since=${CURSOR}`, { at: 'cursor', cursor: CURSOR }],
    [`since=${CURSOR}&last=3`, { at: 'cursor', cursor: CURSOR }],
    ['since=2026-11-23', { at: 'time', ms: Date.UTC(2026, 10, 23) }],
    ['since=2026-11-23T14:00:00Z', { at: 'time', ms: Date.UTC(2026, 10, 23, 14) }],
    ['since=2026-11-23T14:00:00%2B02:00', { at: 'time', ms: Date.UTC(2026, 10, 23, 12) }],
    [`lastEventId=${CURSOR}`, { at: 'cursor', cursor: CURSOR }],
    [`lastEventId=${CURSOR}&since=start&last=1`, { at: 'cursor', cursor: CURSOR }],
    ['lastEventId=&last=1', { at: 'last', count: 1 }],
  ] as const)
    assert.deepEqual(requestIn(await read(query)).start, start, query);
});

test('a duration is a time before now', async (context) => {
  const read = await reader(context);
  const { start } = requestIn(await read('since=15m'));
  assert.equal(start.at, 'time');
  assert.ok(start.at === 'time' && Math.abs(Date.now() - 15 * 60_000 - start.ms) < 30_000);
});

test('until and before end the answer, which then does not follow', async (context) => {
  const read = await reader(context);
  const end = { at: 'cursor', cursor: CURSOR };
  for (const [query, start, until] of [
    [`until=${CURSOR}`, { at: 'oldest' }, end],
    [`since=start&until=${CURSOR}`, { at: 'oldest' }, end],
    [`last=3&until=${CURSOR}&follow=false`, { at: 'last', count: 3 }, end],
    ['until=head', { at: 'oldest' }, { at: 'head' }],
    ['since=2026-11-23&until=2026-11-24', { at: 'time', ms: Date.UTC(2026, 10, 23) }, { at: 'time', ms: Date.UTC(2026, 10, 24) }],
    [`lastEventId=mOld&until=${CURSOR}`, { at: 'cursor', cursor: 'mOld' }, end],
    ['lastEventId=mOld&since=1m&until=2026-11-23', { at: 'cursor', cursor: 'mOld' }, { at: 'time', ms: Date.UTC(2026, 10, 23) }],
    [`before=${CURSOR}`, { at: 'before', cursor: CURSOR, count: 1_000 }, undefined],
    [`before=${CURSOR}&limit=1&follow=false`, { at: 'before', cursor: CURSOR, count: 1 }, undefined],
    ['before=head&limit=10000', { at: 'before', cursor: 'head', count: 10_000 }, undefined],
    [`before=${CURSOR}&lastEventId=mOld`, { at: 'cursor', cursor: 'mOld' }, end],
    ['before=head&lastEventId=mOld', { at: 'cursor', cursor: 'mOld' }, undefined],
  ] as const) {
    const wanted = requestIn(await read(query));
    assert.deepEqual([wanted.start, wanted.until, wanted.follow], [start, until, false], query);
  }
});

test('what cannot be meant together is refused by the name of one of them', async (context) => {
  const read = await reader(context);
  for (const [query, parameter] of [
    [`before=${CURSOR}&since=start`, 'since'],
    [`before=${CURSOR}&last=5`, 'last'],
    [`before=${CURSOR}&until=5m`, 'until'],
    [`before=${CURSOR}&follow=true`, 'follow'],
    ['until=5m&follow=true', 'follow'],
    ['limit=5', 'limit'],
    ['since=5m&until=15m', 'until'],
  ]) {
    const { status, body } = await read(query ?? '');
    assert.equal(status, 400, query);
    assert.equal(JSON.parse(body.toString()).parameter, parameter);
  }
});

test('Last-Event-ID wins over lastEventId, and an empty one is none', async (context) => {
  const read = await reader(context);
  const returning = requestIn(await read('lastEventId=old&last=5', { 'Last-Event-ID': CURSOR }));
  assert.deepEqual(returning.start, { at: 'cursor', cursor: CURSOR });
  assert.equal(returning.isReturning, true);
  const fresh = requestIn(await read('last=5', { 'Last-Event-ID': '' }));
  assert.deepEqual(fresh.start, { at: 'last', count: 5 });
  assert.equal(fresh.isReturning, false);
  assert.equal(requestIn(await read('lastEventId=new', { 'Last-Event-ID': '' })).isReturning, true);
});

test('an id that is no cursor is answered as one that is gone, never as none and never as an error', async (context) => {
  const read = await reader(context);
  for (const id of ['a b', '7, 8', 'x'.repeat(41), 'x'.repeat(4_000), '"', '../../etc', 'mAbCdEfGh12,mAbCdEfGh13']) {
    const { start, isReturning } = requestIn(await read('last=5', { 'Last-Event-ID': id }));
    assert.equal(start.at, 'cursor', id);
    assert.equal(isReturning, true);
    assert.match(start.at === 'cursor' ? start.cursor : '', /^[A-Za-z0-9._~-]{1,40}$/);
  }
  for (const id of ['%00', '%0a%0did:%20x', '%F0%9F%98%80', '%ff'])
    assert.equal(requestIn(await read(`lastEventId=${id}`)).start.at, 'cursor', id);
});

test('batch is rounded up to one of a few steps, beat is a duration', async (context) => {
  const read = await reader(context);
  for (const [given, taken] of [
    ['10', 10],
    ['11', 25],
    ['100', 100],
    ['101', 250],
    ['5000', 5_000],
  ] as const)
    assert.equal(requestIn(await read(`batch=${given}`)).batchMs, taken);
  for (const [given, taken] of [
    ['1s', 1_000],
    ['1000ms', 1_000],
    ['1.5s', 1_500],
    ['60s', 60_000],
    ['1m', 60_000],
  ] as const)
    assert.equal(requestIn(await read(`beat=${given}`)).beatMs, taken);
});

for (const [parameter, values] of [
  ['format', ['', 'SSE', 'json', 'xml', 'toString', '__proto__']],
  ['follow', ['', '0', 'no', 'FALSE', 'true ']],
  ['last', ['', '-1', '1.5', '1e3', '100001', '9999999', ' 5', '+5', '0x10', 'NaN', '٣']],
  [
    'since',
    [
      '',
      ' ',
      '2026-13-45',
      '2026-11-23T25:00',
      'a b',
      'x'.repeat(41),
      '5 minutes',
      '2026-11-23T14:00:00+02:00',
      '-15m',
      'yesterday',
    ],
  ],
  ['until', ['', 'start', '2026-13-45', 'a b', 'x'.repeat(41)]],
  ['before', ['', 'a b', 'x'.repeat(41), '\u00e9']],
  ['batch', ['', '0', '9', '5001', '10ms', '1e2', '-10']],
  ['beat', ['', '5', '999ms', '61s', '0s', 'often', '-1s', '1h']],
] as const)
  test(`a bad ${parameter} is refused by name, with what it may be`, async (context) => {
    const read = await reader(context);
    for (const value of values) {
      const { status, headers, body } = await read(`${parameter}=${encodeURIComponent(value).replace('%2B', '+')}`);
      const problem = JSON.parse(body.toString());
      assert.equal(status, 400, `${parameter}=${value}`);
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.equal(problem.code, 'bad-parameter');
      assert.equal(problem.parameter, parameter);
      assert.match(problem.detail, new RegExp(`^${parameter} must be `));
    }
  });

test('a bad limit is refused by name, with what it may be', async (context) => {
  const read = await reader(context);
  for (const limit of ['', '0', '-1', '10001', '1.5', '1e3', ' 5']) {
    const { status, body } = await read(`before=head&limit=${encodeURIComponent(limit)}`);
    assert.equal(status, 400, limit);
    assert.match(JSON.parse(body.toString()).detail, /^limit must be a whole number from 1 to 10000/);
  }
});

test('a parameter that is given twice is refused, whichever it is', async (context) => {
  const read = await reader(context);
  for (const pair of [
    'format=sse&format=text',
    'last=1&last=1',
    'since=start&since=start',
    'follow=true&follow=false',
    'batch=10&batch=10',
    'beat=1s&beat=1s',
    'lastEventId=a&lastEventId=b',
  ]) {
    const { status, body } = await read(pair);
    assert.equal(status, 400, pair);
    assert.equal(JSON.parse(body.toString()).parameter, pair.slice(0, pair.indexOf('=')));
  }
});

test('what nobody knows is let pass', async (context) => {
  const read = await reader(context);
  const { start, follow, format } = requestIn(await read('_=123&last[]=5&__proto__=x&constructor=y&toString=z'));
  assert.deepEqual([start, follow, format], [{ at: 'head' }, true, 'text']);
});
