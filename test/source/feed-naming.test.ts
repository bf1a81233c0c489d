import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FeedName, parseFeedName } from '../../server/feed/name.ts';
import { FeedNamer, type NameableFile } from '../../server/source/feed-naming.ts';

function file(path: string, name?: string): NameableFile {
  return { path, spec: { name: name as FeedName | undefined, path, kind: 'file' }, root: '/' };
}

function below(root: string, path: string, name?: string): NameableFile {
  return { path, spec: { name: name as FeedName | undefined, path: root, kind: 'directory' }, root };
}

function names(files: readonly NameableFile[], namer = new FeedNamer()): string[] {
  const assigned = namer.assign(files);
  return files.map(({ path }) => String(assigned.get(path)));
}

test('a file is called by its own name where that is unique', () => {
  assert.deepEqual(names([file('/var/log/a.log'), file('/srv/b.log')]), ['a.log', 'b.log']);
});

test('files of one name are told apart by the shortest end of their paths', () => {
  const paths = ['/var/log/nginx/access.log', '/var/log/apache/access.log', '/x/apache/access.log', '/var/log/error.log'];
  assert.deepEqual(names(paths.map((path) => file(path))), [
    'nginx/access.log',
    'log/apache/access.log',
    'x/apache/access.log',
    'error.log',
  ]);
  assert.deepEqual(names([file('/x.log'), file('/a/x.log')]), ['x.log', 'a/x.log']);
});

test('a name that somebody else has meanwhile is not given to a file, until it is given back', () => {
  let published = 'a.log';
  const namer = new FeedNamer([], (name) => name === published);
  assert.equal(namer.assignOne(file('/var/a.log')), 'var/a.log');
  published = '';
  assert.equal(namer.assignOne(file('/srv/a.log')), 'a.log');
});

test('a chosen name is taken as it is, and no found file takes it away', () => {
  assert.deepEqual(names([file('/srv/web'), file('/var/a.log', 'web')]), ['srv/web', 'web']);
});

test('the files of a named folder are called below its name', () => {
  assert.deepEqual(names([below('/srv/logs', '/srv/logs/a/x.log', 'web'), below('/srv', '/srv/y.log', 'w/v')]), [
    'web/a/x.log',
    'w/v/y.log',
  ]);
});

test('other bytes become _, and a last collision gets a hash of the path', () => {
  const [a, b] = names([file('/a b.log'), file('/a\nb.log')]);
  assert.equal(a, 'a_b.log');
  assert.match(b ?? '', /^a_b\.log-[0-9a-f]{6}$/);
});

test('names of the service itself are not given away', () => {
  assert.deepEqual(names([file('/livefeed/log')], new FeedNamer(['log' as FeedName])), ['livefeed/log']);
  const taken = ['log', 'livefeed/log'] as FeedName[];
  assert.match(names([file('/livefeed/log')], new FeedNamer(taken))[0] ?? '', /^livefeed\/log-/);
});

test('a file that appears later never renames another, and comes back under its own name', () => {
  const namer = new FeedNamer();
  assert.deepEqual(names([file('/a/x.log')], namer), ['x.log']);
  assert.equal(namer.assignOne(file('/b/x.log')), 'b/x.log');
  assert.equal(namer.assignOne(file('/a/x.log')), 'x.log');
  assert.equal(namer.assignOne(file('/b/x.log')), 'b/x.log');
  assert.deepEqual(names([file('/a/x.log'), file('/c/x.log')], namer), ['x.log', 'c/x.log']);
  namer.forget('/a/x.log');
  assert.equal(namer.assignOne(file('/d/x.log')), 'x.log');
});

test('whatever the paths, names are valid and differ', () => {
  const segment = fc.oneof(fc.constantFrom('a', 'b', '..x', 'é', ' ', 'a b', 'log'), fc.string({ minLength: 1, maxLength: 120 }));
  const path = fc
    .array(segment, { minLength: 1, maxLength: 4 })
    .map((segments) => `/${segments.join('/').replaceAll('//', '/')}`);
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 12 }), fc.boolean(), (paths, named) => {
      const files = paths.map((one) => (named ? below('/', one, 'g') : file(one)));
      const given = names(files);
      for (const name of given) assert.notEqual(parseFeedName(name), undefined, name);
      assert.equal(new Set(given).size, paths.length);
    }),
  );
});
