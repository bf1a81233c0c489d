import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadConfig } from '../../server/config/config.ts';
import { UsageError } from '../../server/config/usage-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'livefeed-config-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'logs'));
mkdirSync(join(folder, 'we[i]rd (x)!'));
for (const name of ['a.log', 'b.log', 'web=a.log', 'logs/c.log', 'we[i]rd (x)!/d.log']) writeFileSync(join(folder, name), '');

function load(argv: string[], env: NodeJS.ProcessEnv = {}) {
  return loadConfig(argv, env, folder);
}

function refusal(argv: string[], env: NodeJS.ProcessEnv = {}): string {
  try {
    load(argv, env);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  return assert.fail(`accepted: ${argv.join(' ')}`);
}

function configFile(content: unknown, name = 'logs/livefeed.json'): string {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}

test('with nothing given, the demo feeds are served on loopback', () => {
  assert.deepEqual(load([]), {
    host: '127.0.0.1',
    port: 4000,
    allowAnonymous: false,
    allowHosts: [],
    cors: [],
    paths: [],
    commands: [],
    demo: true,
    files: undefined,
    data: join(folder, 'livefeed-data'),
    fsync: 'always',
    maxFeeds: 10_000,
    retainBytes: 64 * 1024 ** 2,
    retainAgeMs: 7 * 86_400_000,
    wait: false,
    followLinks: false,
    poll: false,
    raw: false,
    partialTimeoutMs: 1_000,
    windowBytes: 512 * 1024,
    compress: true,
    archiveCacheBytes: 1024 ** 3,
    stallTimeoutMs: 600_000,
    drainMs: 10_000,
    maxConnections: 16_000,
    maxConnectionsPerAddress: undefined,
    maxReadersPerSecond: 2_000,
    maxMemoryBytes: undefined,
    logLevel: 'info',
  });
});

test('the data folder may not be there yet, but may be nothing else than a folder', () => {
  assert.equal(load(['--data', 'logs/new']).data, join(folder, 'logs/new'));
  assert.match(refusal(['--data', 'a.log']), /is not a folder/);
  assert.match(refusal(['--data', 'a.log/data']), /is not there: a part of the path is a file/);
  assert.match(refusal(['--data', '']), /needs a value/);
  assert.match(refusal(['--fsync', 'sometimes']), /always, interval, never/);
  for (const count of ['0', '1.5', 'many', '2000000']) assert.match(refusal(['--max-feeds', count]), /from 1 to 1000000/);
});

test('streams are compressed unless it is turned off, by a flag, a variable or in the config file', () => {
  assert.equal(load(['--no-compress']).compress, false);
  assert.equal(load([], { LIVEFEED_COMPRESS: 'off' }).compress, false);
  const file = configFile({ compress: false });
  assert.equal(load(['-c', file]).compress, false);
  assert.equal(load(['-c', file, '--compress']).compress, true);
});

test('the demo is off once something else is to be followed, unless asked for', () => {
  assert.equal(load(['a.log']).demo, false);
  assert.equal(load(['--exec', 'up=uptime']).demo, false);
  assert.equal(load(['a.log', '--demo']).demo, true);
  assert.equal(load(['--no-demo']).demo, false);
});

test('flags win over variables, variables over the config file, and that over the defaults', () => {
  const file = configFile({ port: 1, logLevel: 'warn', partialTimeout: '3s' });
  const env = { LIVEFEED_CONFIG: file, LIVEFEED_PORT: '2', LIVEFEED_LOG_LEVEL: 'error' };
  const config = load(['-p', '3'], env);
  assert.deepEqual([config.port, config.logLevel, config.partialTimeoutMs, config.windowBytes], [3, 'error', 3_000, 524_288]);
});

test('a switch that is on in one place can be turned off in a stronger one', () => {
  const file = configFile({ wait: true, demo: true });
  assert.equal(load(['--no-wait', '-c', file]).wait, false);
  assert.equal(load(['-c', file], { LIVEFEED_DEMO: 'off' }).demo, false);
});

test('a list given in one place replaces that of the next', () => {
  const env = { LIVEFEED_CORS: 'https://a.example, https://b.example', LIVEFEED_ALLOW_HOST: 'x.example' };
  assert.deepEqual(load([], env).cors, ['https://a.example', 'https://b.example']);
  assert.deepEqual(load(['--cors', 'http://c.example:81'], env).cors, ['http://c.example:81']);
  assert.deepEqual(load(['--cors', 'http://c.example:81'], env).allowHosts, ['x.example']);
});

test('paths and commands in a variable stand on a line each, since they may hold commas', () => {
  const config = load([], { LIVEFEED_PATHS: 'a.log\n b.log\n', LIVEFEED_EXEC: "x=echo 1,2\ny=echo '='" });
  assert.deepEqual(
    config.paths.map(({ path }) => path),
    [join(folder, 'a.log'), join(folder, 'b.log')],
  );
  assert.deepEqual(config.commands, [
    { name: 'x', command: 'echo 1,2' },
    { name: 'y', command: "echo '='" },
  ]);
});

test('an empty variable says nothing, and one of somebody else is let be', () => {
  assert.equal(load([], { LIVEFEED_PORT: '', LIVEFEED_SERVICE_HOST: '10.0.0.1' }).port, 4000);
});

test('relative paths of the config file begin at its folder, those of flags where the user stands', () => {
  const file = configFile({ paths: ['c.log'] });
  assert.equal(load(['-c', file]).paths[0]?.path, join(folder, 'logs/c.log'));
  const env = { INIT_CWD: join(folder, 'logs'), npm_package_name: 'livefeed', npm_lifecycle_event: 'start' };
  assert.equal(load(['c.log'], env).paths[0]?.path, join(folder, 'logs/c.log'));
  assert.equal(load(['a.log'], { ...env, npm_lifecycle_event: 'test' }).paths[0]?.path, join(folder, 'a.log'));
});

test('a path is a file, a folder, a glob or standard input', () => {
  const { paths } = load(['a.log', 'logs', 'logs/*.log', '-']);
  assert.deepEqual(paths, [
    { name: undefined, path: join(folder, 'a.log'), kind: 'file' },
    { name: undefined, path: join(folder, 'logs'), kind: 'directory' },
    { name: undefined, path: join(folder, 'logs/*.log'), kind: 'glob' },
    { name: undefined, path: '-', kind: 'stdin' },
  ]);
});

test('a name before = names the feed, unless a file is really called so', () => {
  const { paths } = load(['x/y=b.log', 'web=a.log', 'in=-', './web=a.log']);
  assert.deepEqual(
    paths.map(({ name, path }) => [name, path]),
    [
      ['x/y', join(folder, 'b.log')],
      [undefined, join(folder, 'web=a.log')],
      ['in', '-'],
    ],
  );
});

test('a path given twice is followed once, and a chosen name wins over none', () => {
  assert.deepEqual(
    load(['a.log', './a.log', 'n=a.log', 'a.log']).paths.map(({ name }) => name),
    ['n'],
  );
  assert.match(refusal(['m=a.log', 'n=a.log']), /given twice, as m and as n/);
  assert.match(refusal(['n=a.log', 'n=b.log']), /feed name n is given twice/);
  assert.match(refusal(['n=a.log', '-e', 'n=date']), /feed name n is given twice/);
});

test('a wrong option is refused with what was probably meant', () => {
  assert.equal(refusal(['--prot', '1']), 'unknown option --prot: did you mean --port?');
  assert.match(refusal(['--folow-links']), /did you mean --follow-links\?/);
  assert.match(refusal(['--no-dmeo']), /did you mean --no-demo\?/);
  assert.match(refusal(['--nothing-like-it']), /--help lists the options/);
  assert.match(refusal(['-x']), /unknown option -x/);
  assert.match(refusal(['--paths', 'a.log']), /unknown option --paths/);
  assert.match(refusal(['--no-port']), /unknown option --no-port/);
  assert.match(refusal(['--__proto__=1']), /unknown option/);
});

test('a value that is missing or too many is refused', () => {
  assert.equal(refusal(['--port']), '--port needs a value: --port PORT');
  assert.match(refusal(['--port', '--demo']), /--port needs a value/);
  assert.match(refusal(['--port=']), /--port needs a value/);
  assert.equal(refusal(['--demo=yes']), '--demo takes no value: write --demo or --no-demo');
});

test('after -- everything is a path', () => {
  writeFileSync(join(folder, '--port'), '');
  assert.deepEqual(
    load(['--', '--port']).paths.map(({ path }) => path),
    [join(folder, '--port')],
  );
});

test('bad values say where they stand and what to give instead', () => {
  assert.equal(refusal(['--port', '65536']), '--port: "65536" is not a port: give a number from 0 (any free port) to 65535');
  assert.match(refusal([], { LIVEFEED_PORT: 'tcp://10.0.0.1:4000' }), /^LIVEFEED_PORT: "tcp:\/\/10\.0\.0\.1:4000" is not a port/);
  assert.match(refusal(['-c', configFile({ port: -1 })]), /^"port" in \S+livefeed\.json: "-1" is not a port/);
  assert.match(
    refusal(['--partial-timeout', '5']),
    /^--partial-timeout: "5" will not do: give a duration from 10ms to 1h with its unit/,
  );
  assert.match(refusal(['--stall-timeout', '25h']), /a duration from 1s to 24h/);
  assert.match(refusal(['--window', '1k']), /a number of bytes from 64k to 256M/);
  assert.match(refusal([], { LIVEFEED_WAIT: 'maybe' }), /^LIVEFEED_WAIT: "maybe" will not do: give true or false/);
  assert.match(refusal(['--log-level', 'warning']), /did you mean warn\?/);
  assert.match(refusal(['--log-level', 'loud']), /give one of trace, debug/);
});

test('a command needs a name and something to run', () => {
  for (const bad of ['uptime', '=uptime', 'a=', 'a= ']) assert.match(refusal(['-e', bad]), /write NAME='CMD'/, bad);
  assert.match(refusal(['-e', 'a b=date']), /"a b" is not a feed name/);
  assert.match(refusal(['-e', 'livefeed/log=date']), /the service's own/);
  assert.match(refusal(['demo=a.log']), /the service's own/);
});

test('an address that other machines can reach is refused until --allow-anonymous says that it is meant', () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.org', '[::]'])
    assert.match(refusal(['--host', host]), /lets other machines read every feed and publish: add --allow-anonymous/, host);
  for (const host of ['127.0.0.1', '127.3.2.1', 'localhost', '::1', '[::1]'])
    assert.doesNotThrow(() => load(['--host', host]), host);
  assert.equal(load(['--host', '0.0.0.0', '--allow-anonymous']).host, '0.0.0.0');
});

test('hosts are names or addresses, without scheme and port', () => {
  for (const bad of ['http://x', 'x:80', 'a b', '999.1.1.1', '-x.example', 'x..y', '*'])
    assert.match(refusal(['--host', 'localhost', `--allow-host=${bad}`]), /is not a host/, bad);
  assert.deepEqual(load(['--allow-host', 'Logs.Example.org', '--allow-host', '[::1]']).allowHosts, ['logs.example.org', '::1']);
});

test('a CORS origin is exactly what browsers send', () => {
  assert.match(refusal(['--cors', 'https://a.example/']), /is not an origin: write https:\/\/a\.example$/);
  assert.match(refusal(['--cors', 'https://a.example:443']), /write https:\/\/a\.example$/);
  assert.match(refusal(['--cors', 'HTTPS://A.example/x']), /write https:\/\/a\.example$/);
  for (const bad of ['*', 'null', 'a.example', 'file:///x', 'data:,x', 'blob:https://a.example/x'])
    assert.match(refusal(['--cors', bad]), /is not an origin/, bad);
});

test('the folder for downloads must be one', () => {
  assert.equal(load(['--files', 'logs']).files, join(folder, 'logs'));
  assert.match(refusal(['--files', 'a.log']), /a\.log is not a folder/);
  assert.match(refusal(['--files', 'nowhere']), /the folder \S+nowhere is not there/);
});

test('the config file is checked: unknown names, wrong types, not JSON, not there', () => {
  assert.match(refusal(['-c', configFile({ prot: 1 })]), /there is no option "prot": did you mean "port"\?/);
  assert.match(refusal(['-c', configFile({ zzzzzz: 1 })]), /there is no option "zzzzzz": the options are paths, exec, port/);
  assert.match(refusal(['-c', configFile({ config: 'x' })]), /there is no option "config"/);
  assert.match(refusal(['-c', configFile({ demo: 'yes' })]), /"demo": give true or false/);
  assert.match(refusal(['-c', configFile({ cors: 'https://a.example' })]), /"cors": give a list of texts/);
  assert.match(refusal(['-c', configFile({ paths: [1] })]), /"paths\.0": give a text/);
  assert.match(refusal(['-c', configFile({ port: null })]), /"port": give a text or a number/);
  assert.match(refusal(['-c', configFile([])]), /give an object/);
  assert.match(refusal(['-c', configFile('{"port": 1,}')]), /is not JSON/);
  assert.match(refusal(['-c', 'nowhere.json']), /the config file \S+nowhere\.json is not there/);
  assert.match(refusal(['-c', 'logs']), /the config file \S+logs is a folder/);
  assert.equal(load(['-c', configFile('\uFEFF{"port": "0"}')]).port, 0);
});
