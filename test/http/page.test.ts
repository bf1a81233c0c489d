import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createPage } from '../../server/http/page.ts';
import { ask, serve } from './serving.ts';

const INLINE = /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/i;

test('the page allows nothing inline and nothing from elsewhere, and has nothing inline', async (t) => {
  const page = createPage();
  const { port } = await serve(t, (app) => void app.use(page));
  const response = await fetch(`http://127.0.0.1:${port}/`);
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.doesNotMatch(await response.text(), INLINE);
});

test('every file that the page names is there, and is asked for again only with its ETag', async (t) => {
  const page = createPage();
  const { port } = await serve(t, (app) => void app.use(page));
  const base = `http://127.0.0.1:${port}`;
  const html = await (await fetch(`${base}/`)).text();
  const style = await (await fetch(`${base}/assets/style.css`)).text();
  const named = [...`${html}${style}`.matchAll(/["'(](\/assets\/[\w.-]+)/g)].map(([, path]) => path ?? '');
  assert.deepEqual([...new Set(named)].sort(), [
    '/assets/inter.woff2',
    '/assets/jetbrains-mono.woff2',
    '/assets/main.js',
    '/assets/style.css',
  ]);
  for (const path of named) {
    const first = await ask(port, path);
    assert.equal(first.status, 200, path);
    const again = await ask(port, path, { headers: { 'If-None-Match': first.headers.etag } });
    assert.equal(again.status, 304, path);
  }
  assert.equal((await ask(port, '/assets/../package.json')).status, 404);
  assert.equal((await fetch(`${base}/assets/nothing.js`)).status, 404);
});

test('the scripts of the page and its workers stay below 150 kB gzipped', async (t) => {
  const page = createPage();
  const { port } = await serve(t, (app) => void app.use(page));
  const sizes = await Promise.all(
    ['main.js', 'worker.js', 'tabs.js'].map(async (name) => {
      const response = await fetch(`http://127.0.0.1:${port}/assets/${name}`);
      assert.equal(response.headers.get('content-type'), 'text/javascript; charset=utf-8');
      return gzipSync(await response.arrayBuffer()).length;
    }),
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(Math.min(...sizes) > 1_000 && bytes < 150_000, `${sizes.join(' and ')} bytes`);
});
