import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';

const server = join(import.meta.dirname, '..', 'server');
const files = readdirSync(server, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** What each folder may import besides itself: imports go one way. Files in server/ itself are listed by name. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  problem: [],
  feed: [],
  config: ['problem', 'feed'],
  source: ['config', 'problem', 'feed'],
  delivery: ['config', 'problem', 'feed'],
  files: ['config', 'problem'],
  http: ['config', 'problem', 'feed', 'source', 'delivery', 'files'],
  // Tries the whole of tailing out, so it puts the parts together as app.ts does.
  prove: ['config', 'problem', 'feed', 'source'],
  verify: ['config', 'feed'],
  'banner.ts': [],
  'opened.ts': [],
  'stop.ts': [],
};
/** The only ones that know everyone. */
const KNOW_ALL = ['app.ts', 'livefeed.ts', 'main.ts'];

/** The folder of server/ that a file is in, or the file's own name. */
function roomOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function importsOf(file: string): string[] {
  const source = readFileSync(join(server, file), 'utf8');
  const statements = source.matchAll(/(?:^(?:import|export)\b[^;'"]*?from |^import |\bimport\()\s*['"]([^'"]+)['"]/gm);
  return [...statements].map(([, path]) => path ?? '');
}

function ownImportsOf(file: string): string[] {
  return importsOf(file)
    .filter((path) => path.startsWith('.'))
    .map((path) => join(dirname(file), path));
}

test('imports go one way', () => {
  for (const file of files.filter((one) => !KNOW_ALL.includes(one))) {
    const room = roomOf(file);
    const allowed = ALLOWED[room];
    assert.ok(allowed, `test/house.test.ts does not say what ${room} may import`);
    for (const target of ownImportsOf(file)) {
      const other = roomOf(target);
      assert.ok(
        other === room || allowed.includes(other),
        `server/${file} imports server/${target}: ${room} may not know ${other}`,
      );
    }
  }
});

test('only main.ts and livefeed.ts import app.ts, and nothing imports those two', () => {
  const importers = (name: string) => files.filter((file) => ownImportsOf(file).includes(name));
  assert.deepEqual([...importers('main.ts'), ...importers('livefeed.ts')], []);
  assert.deepEqual(
    importers('app.ts').filter((file) => !KNOW_ALL.includes(file)),
    [],
  );
});

test('no file comes back to itself by what it imports', () => {
  const imports = new Map(files.map((file) => [file, ownImportsOf(file)]));
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    assert.ok(!way.includes(file), `a circle: ${[...way, file].join(' → ')}`);
    if (done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

test('imports name files that are there, with their ending', () => {
  for (const file of files)
    for (const target of ownImportsOf(file)) assert.ok(files.includes(target), `server/${file} imports ${target}`);
});

test('no file only passes on what others export, and none is a place for odds and ends', () => {
  for (const file of files) {
    const source = readFileSync(join(server, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    const statements = source.split(';').map((statement) => statement.trim());
    const own = statements.filter(
      (statement) => statement !== '' && !/^(?:export\s+(?:type\s+)?(?:\*|\{[^}]*\}).*\bfrom\b|import\b)/s.test(statement),
    );
    assert.notDeepEqual(own, [], `server/${file} only re-exports`);
    assert.doesNotMatch(basename(file), /^(?:index|utils?|helpers?|misc|common|shared)\.ts$/, file);
    assert.doesNotMatch(dirname(file), /(?:^|\/)(?:utils?|helpers?|misc|common|shared)(?:\/|$)/, file);
  }
});

test('every package that the server imports is a dependency', () => {
  const { dependencies } = JSON.parse(readFileSync(join(server, '..', 'package.json'), 'utf8')) as { dependencies: object };
  for (const file of files)
    for (const path of importsOf(file).filter((one) => !one.startsWith('.') && !one.startsWith('node:'))) {
      const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
      assert.ok(name in dependencies, `server/${file} imports ${path}`);
    }
});

test('the page takes from the server only files that import nothing, so that both judge a line alike', () => {
  const pages = join(server, '..', 'public', 'src');
  const sources = readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const taken = sources.flatMap((file) =>
    [...readFileSync(join(pages, file), 'utf8').matchAll(/from '([^']*\/server\/[^']*)'/g)].map(([, path]) =>
      join(dirname(join(pages, file)), path ?? ''),
    ),
  );
  assert.ok(taken.length > 0, 'the page takes nothing: this test looks in the wrong place');
  for (const file of taken) assert.deepEqual(importsOf(file.slice(server.length + 1)), [], `${file} imports others`);
});
