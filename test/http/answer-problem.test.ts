import assert from 'node:assert/strict';
import { test } from 'node:test';
import express, { type Express } from 'express';
import { allowMethods, answerProblem, unknownPath } from '../../server/http/answer-problem.ts';
import { problemDescriptions } from '../../server/http/describe-problem.ts';
import { catalogue } from '../../server/problem/catalogue.ts';
import { Problem } from '../../server/problem/problem.ts';
import { ask, serve } from './serving.ts';

const logged: { fields: Record<string, unknown>; message: string }[] = [];
const log = { error: (fields: object, message: string) => void logged.push({ fields: { ...fields }, message }) };

function build(app: Express): void {
  app.use(problemDescriptions());
  app.use(express.json());
  app.get('/refused', () => {
    throw new Problem('range-not-satisfiable', {
      detail: 'Too far.',
      headers: { 'Content-Range': 'bytes */5' },
      members: { length: 5 },
    });
  });
  app.get('/broken', (_request, response) => {
    response.set({ ETag: '"x"', 'Content-Disposition': 'attachment', 'Cache-Control': 'public' });
    throw new Error('the password is hunter2');
  });
  app.get('/half', (_request, response) => {
    response.write('half');
    throw new Error('torn');
  });
  app.get('/named/:name', (_request, response) => void response.end());
  app.all('/readable', allowMethods('GET', 'HEAD'), (_request, response) => void response.end('yes'));
  app.use(unknownPath, answerProblem(log));
}

function parsed(body: Buffer): Record<string, unknown> {
  return JSON.parse(body.toString());
}

test('a refusal is a problem document with its code, members and headers', async (t) => {
  const { port } = await serve(t, build);
  const answer = await ask(port, '/refused');
  assert.equal(answer.status, 416);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  assert.equal(answer.headers['content-range'], 'bytes */5');
  assert.deepEqual(parsed(answer.body), {
    length: 5,
    type: '/problems/range-not-satisfiable',
    title: 'The range lies outside the file',
    status: 416,
    detail: 'Too far.',
    code: 'range-not-satisfiable',
  });
});

test('a failure tells the client an id, and the cause to the log only', async (t) => {
  const { port } = await serve(t, build);
  const answer = await ask(port, '/broken');
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.body.toString(), /hunter2|broken|\.ts/);
  const { code, instance } = parsed(answer.body);
  assert.equal(code, 'internal');
  const entry = logged.find(({ fields }) => fields.instance === instance);
  assert.match(String(entry?.fields.err), /hunter2/);
  assert.equal(entry?.fields.path, '/broken');
});

test('headers that spoke of another body do not stay on a problem', async (t) => {
  const { port } = await serve(t, build);
  const { headers } = await ask(port, '/broken');
  assert.equal(headers.etag, undefined);
  assert.equal(headers['content-disposition'], undefined);
  assert.equal(headers['cache-control'], 'no-store');
});

test('an answer that fails half way is cut, so that it cannot be taken for a whole one', async (t) => {
  const { port } = await serve(t, build);
  await assert.rejects(ask(port, '/half'), { code: 'ECONNRESET' });
});

test('malformed percent-encoding and malformed bodies are bad requests, and not logged as failures', async (t) => {
  const { port } = await serve(t, build);
  const before = logged.length;
  const path = await ask(port, '/named/%E0%A4%A');
  const json = await ask(port, '/named/x', { method: 'POST', headers: { 'Content-Type': 'application/json' }, send: '{"a":' });
  for (const answer of [path, json]) {
    assert.equal(answer.status, 400);
    assert.equal(parsed(answer.body).code, 'bad-request');
  }
  assert.equal(logged.length, before);
});

test('an unknown path is a 404 problem, and HEAD gets its headers alone', async (t) => {
  const { port } = await serve(t, build);
  const get = await ask(port, '/nowhere');
  assert.equal(get.status, 404);
  assert.equal(parsed(get.body).code, 'unknown-path');
  const head = await ask(port, '/nowhere', { method: 'HEAD' });
  assert.equal(head.status, 404);
  assert.equal(head.headers['content-length'], String(get.body.length));
  assert.equal(head.body.length, 0);
});

test('a method that an address does not take is 405 with Allow, and OPTIONS tells what it takes', async (t) => {
  const { port } = await serve(t, build);
  const refused = await ask(port, '/readable', { method: 'DELETE' });
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.allow, 'GET, HEAD, OPTIONS');
  assert.equal(parsed(refused.body).code, 'method-not-allowed');
  const options = await ask(port, '/readable', { method: 'OPTIONS' });
  assert.equal(options.status, 204);
  assert.equal(options.headers.allow, 'GET, HEAD, OPTIONS');
  assert.equal((await ask(port, '/readable')).body.toString(), 'yes');
});

test('the type of every problem is an address that says what it means', async (t) => {
  const { port } = await serve(t, build);
  for (const [code, entry] of Object.entries(catalogue)) {
    const answer = await ask(port, new Problem(code as keyof typeof catalogue, { detail: '' }).toJSON().type as string);
    assert.deepEqual(parsed(answer.body), { code, ...entry });
  }
  assert.equal((await ask(port, '/problems/constructor')).status, 404);
  assert.equal((await ask(port, '/problems/internal', { method: 'POST' })).status, 405);
});
