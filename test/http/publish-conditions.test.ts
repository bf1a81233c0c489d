import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataOf, type JsonAnswer, post, publishingServer, send } from './publishing.ts';

const said = ({ status, json }: JsonAnswer) => `${status} ${json.code ?? 'kept'}`;

test('the same key is the same event: a repeat gets the first answer, whichever way the key is written', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  const first = await post(at, 'x', { 'Idempotency-Key': '"k-1"' });
  await post(at, 'y');
  for (const key of ['"k-1"', 'k-1']) {
    const again = await post(at, 'x', { 'Idempotency-Key': key });
    assert.equal(again.status, 201);
    assert.deepEqual(again.json, first.json);
  }
  assert.deepEqual(await dataOf(at), ['x', 'y']);
});

test('a key with another body or type is refused; another key is another event', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  const key = { 'Idempotency-Key': '"k"' };
  await post(at, 'x', key);
  assert.equal(said(await post(at, 'y', key)), '422 key-reused');
  assert.equal(said(await post(`${at}?type=t`, 'x', key)), '422 key-reused');
  assert.equal(said(await post(at, 'x', { 'Idempotency-Key': '"l"' })), '201 kept');
  assert.deepEqual(await dataOf(at), ['x', 'x']);
});

test('many requests with one key at once are one event', async (context) => {
  const { url } = await publishingServer(context, { fsync: 'always' });
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(`${url}/feeds/a`, 'x', { 'Idempotency-Key': 'k' })));
  assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
  assert.deepEqual(await dataOf(`${url}/feeds/a`), ['x']);
});

test('If-Match appends only behind the event it names; the refusal names the head', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  const one = await post(at, 'one');
  const two = await post(at, 'two', { 'If-Match': `"${one.json.id}"` });
  assert.equal(two.status, 201);
  const late = await post(at, 'late', { 'If-Match': `"${one.json.id}"` });
  assert.equal(said(late), '412 not-head');
  assert.equal(late.json.head, two.json.id);
  assert.equal(late.headers.get('etag'), `"${two.json.id}"`);
  assert.equal(said(await post(at, 'three', { 'If-Match': `"${one.json.id}", "${two.json.id}"` })), '201 kept');
  assert.equal(said(await post(at, 'weak', { 'If-Match': `W/"${two.json.id}"` })), '412 not-head');
  assert.equal(said(await post(at, 'four', { 'If-Match': '*' })), '201 kept');
  assert.deepEqual(await dataOf(at), ['one', 'two', 'three', 'four']);
});

test('of many who append behind the same event one does', async (context) => {
  const { url } = await publishingServer(context);
  const { json } = await post(`${url}/feeds/a`, 'first');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => post(`${url}/feeds/a`, `${index}`, { 'If-Match': `"${json.id}"` })),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal((await dataOf(`${url}/feeds/a`)).length, 2);
});

test('If-Match on a feed that is not there fails and makes none; If-None-Match: * only makes one', async (context) => {
  const { url, registry } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  for (const tag of ['*', '"abc"']) assert.equal(said(await post(at, 'x', { 'If-Match': tag })), '412 not-head');
  assert.equal(registry.size, 0);
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(at, 'x', { 'If-None-Match': '*' })));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(answers.filter(({ status }) => status === 412).length, 9);
  assert.deepEqual(await dataOf(at), ['x']);
});

test('a key is looked up before the conditions: a retry is told of its success', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  const made = await post(at, 'x', { 'If-None-Match': '*', 'Idempotency-Key': '"k"' });
  const madeAgain = await post(at, 'x', { 'If-None-Match': '*', 'Idempotency-Key': '"k"' });
  assert.deepEqual([madeAgain.status, madeAgain.json], [201, made.json]);
  const behind = { 'If-Match': `"${made.json.id}"`, 'Idempotency-Key': '"l"' };
  const next = await post(at, 'y', behind);
  assert.deepEqual((await post(at, 'y', behind)).json, next.json);
  assert.deepEqual(await dataOf(at), ['x', 'y']);
});

test('a removed feed begins anew: its keys are forgotten, and its cursors name nothing', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  const first = await post(at, 'x', { 'Idempotency-Key': '"k"' });
  await send('DELETE', at, undefined);
  assert.equal(said(await post(at, 'y', { 'If-Match': `"${first.json.id}"` })), '412 not-head');
  assert.equal(said(await post(at, 'y', { 'Idempotency-Key': '"k"' })), '201 kept');
  assert.deepEqual(await dataOf(at), ['y']);
});
