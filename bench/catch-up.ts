/**
 * How fast one reader gets the history of a published feed, beside nginx serving the same bytes as a file.
 *
 *     npm run bench:catch-up [-- --megabytes 1024 --runs 5]
 *
 * Honest: one worker of each on the same core, the reader on the other; each in turn, nginx with Debian's defaults (sendfile). What nginx
 * serves is the feed's segments put together, and the reader checks that both gave so many bytes. Everything is in the page cache.
 * Needs `apt-get install -y nginx-light`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Journals } from '../server/feed/journal/journals.ts';
import { toFeedName } from '../server/feed/name.ts';
import { freePort } from '../test/e2e/free-port.ts';
import { startService } from '../test/e2e/service.ts';
import { isNginxThere, startNginx } from './nginx.ts';
import { pinServerAndLoad } from './pinning.ts';
import { quantile } from './quantiles.ts';
import { watchUsage } from './usage.ts';

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '1024' }, runs: { type: 'string', default: '5' } },
});
const BYTES = Number(values.megabytes) * 2 ** 20;
const EVENT_BYTES = 150;
const HANG_MS = 120_000;

interface Server {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  readonly path: string;
}

interface Figures {
  readonly mbPerSecond: number;
  readonly cpuSecondsPerGb: number;
}

if (!isNginxThere()) {
  console.error('nginx is not there to compare with: apt-get install -y nginx-light');
  process.exit(2);
}
const ends: (() => unknown)[] = [];
const scope = { after: (end: () => unknown) => void ends.push(end) };
const folder = await mkdtemp(join(tmpdir(), 'livefeed-bench-'));
ends.push(() => rm(folder, { recursive: true }));
try {
  const pin = pinServerAndLoad();
  const data = join(folder, 'data');
  await fill(data);
  const bytes = await putTogether(data, join(folder, 'history'));
  const service = await startService(scope, ['--no-demo', '--data', data], { before: pin });
  const livefeed = { name: 'livefeed', port: service.port, pid: service.pid, path: '/feeds/bench?since=start&follow=false' };
  const nginx = await serveHistory(pin);
  const rounds: { readonly livefeed: Figures; readonly nginx: Figures }[] = [];
  for (let run = 0; run <= Number(values.runs); run += 1) {
    const round = { livefeed: await read(livefeed, bytes), nginx: await read(nginx, bytes) };
    // The first fills caches, of the kernel and of the compiler.
    if (run > 0) rounds.push(round);
  }
  const row = (of: (round: (typeof rounds)[number]) => number) => spread(rounds.map(of));
  const table = {
    'livefeed MB/s': row((round) => round.livefeed.mbPerSecond),
    'nginx MB/s': row((round) => round.nginx.mbPerSecond),
    'livefeed / nginx': row((round) => round.livefeed.mbPerSecond / round.nginx.mbPerSecond),
    'livefeed CPU s/GB': row((round) => round.livefeed.cpuSecondsPerGb),
    'nginx CPU s/GB': row((round) => round.nginx.cpuSecondsPerGb),
  };
  console.table(table);
  console.log(JSON.stringify({ bytes, table }));
} finally {
  for (const end of ends.reverse()) await end();
}

async function fill(data: string): Promise<void> {
  const journals = await Journals.open(data, { fsync: 'never' });
  const name = toFeedName('bench');
  await journals.setRetention(name, { maxBytes: 4 * BYTES });
  const log = journals.create(name);
  const events = Array.from({ length: 4_000 }, () => ({ data: Buffer.alloc(EVENT_BYTES, 'x') }));
  while (log.stats.bytes < BYTES) await log.append(events);
  await journals.close();
}

/** One file of all segments of the only feed there is; returns its length. */
async function putTogether(data: string, path: string): Promise<number> {
  const names = await readdir(data, { recursive: true });
  const segments = names.filter((name) => name.endsWith('.sse')).sort();
  if (segments.length === 0) throw new Error(`there are no segments in ${data}, only ${names.join(', ')}`);
  execFileSync('sh', ['-c', 'out=$1; shift; cat "$@" > "$out"', 'sh', path, ...segments.map((name) => join(data, name))]);
  return (await stat(path)).size;
}

async function serveHistory(pin: readonly string[]): Promise<Server> {
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  await writeFile(
    config,
    `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events {}
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  server {
    listen 127.0.0.1:${port};
    root ${folder};
  }
}
`,
  );
  const { pid, stop } = await startNginx(scope, { prefix: folder, config }, pin);
  ends.push(stop);
  return { name: 'nginx', port, pid, path: '/history' };
}

/** Reads the answer to its end and throws it away; HTTP's own bytes are part of it, the same few for both. */
async function read({ name, port, pid, path }: Server, bytes: number): Promise<Figures> {
  const usage = watchUsage(pid);
  let received = 0;
  await new Promise<void>((resolve, reject) => {
    const buffer = Buffer.alloc(256 * 1024);
    const onread = {
      buffer,
      callback: (length: number) => {
        received += length;
        return true;
      },
    };
    const socket = connect({ port, host: '127.0.0.1', onread }, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n`),
    );
    socket.setTimeout(HANG_MS, () => socket.destroy(new Error(`${name} gave ${received} of ${bytes} bytes, then nothing`)));
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
  const used = usage.end();
  if (received < bytes) throw new Error(`${name} gave ${received} of ${bytes} bytes`);
  return { mbPerSecond: received / used.seconds / 1e6, cpuSecondsPerGb: used.cpuSeconds / (received / 1e9) };
}

function spread(figures: readonly number[]): { median: number; min: number; max: number } {
  const sorted = Float64Array.from(figures).sort();
  const rounded = (share: number) => Number(quantile(sorted, share).toPrecision(3));
  return { median: rounded(0.5), min: rounded(0), max: rounded(1) };
}
