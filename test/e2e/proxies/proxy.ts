/** The proxies that most people have, as Debian packs them, with nothing set that speaks of streams. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../../http/serving.ts';
import { withSbin } from '../../needed-program.ts';
import { eventually } from '../../source/eventually.ts';
import { endChild, type Scope, startChild } from '../child.ts';
import { freePort } from '../free-port.ts';
import { scratchFolder } from '../scratch.ts';

export interface StartedProxy {
  readonly port: number;
  /** Reads its configuration again, as after a change. */
  reload(): Promise<void>;
  /** Ends all at once what serves clients, and resolves when it serves again. */
  crash(): Promise<void>;
}

/** `settings`: what is set besides. */
export type StartProxy = (scope: Scope, upstreamPort: number, settings?: string) => Promise<StartedProxy>;

/** A limit for hangs. */
const DEADLINE_MS = 20_000;

interface Ports {
  readonly port: number;
  readonly upstreamPort: number;
}

export const startNginx: StartProxy = (scope, upstreamPort, settings = '') =>
  startProxy(scope, ['nginx', '-c'], 'SIGHUP', (port, folder) => nginxConfig({ port, upstreamPort }, folder, settings));

export const startHaproxy: StartProxy = (scope, upstreamPort, settings = '') =>
  startProxy(scope, ['haproxy', '-W', '-db', '-q', '-f'], 'SIGUSR2', (port) => haproxyConfig({ port, upstreamPort }, settings));

/** What stands in Debian's nginx.conf, in a folder of its own, and a location with nothing but `proxy_pass`. */
function nginxConfig({ port, upstreamPort }: Ports, folder: string, settings: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    worker_processes auto;
    daemon off;
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log;
    events { worker_connections 768; }
    http {
      access_log ${folder}/access.log;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
      sendfile on;
      tcp_nopush on;
      gzip on;
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://127.0.0.1:${upstreamPort};
          ${settings}
        }
      }
    }`;
}

/** The defaults of Debian's haproxy.cfg but for its logging. */
function haproxyConfig({ port, upstreamPort }: Ports, settings: string): string {
  return `
defaults
  mode http
  option dontlognull
  timeout connect 5000
  timeout client ${HAPROXY_TIMEOUT_MS}
  timeout server ${HAPROXY_TIMEOUT_MS}
${settings}

frontend web
  bind 127.0.0.1:${port}
  default_backend livefeed

backend livefeed
  server one 127.0.0.1:${upstreamPort}
`;
}

/** After so much silence of the service, it ends a connection. */
export const HAPROXY_TIMEOUT_MS = 50_000;
/** `proxy_read_timeout` where it is not set. */
export const NGINX_TIMEOUT_MS = 60_000;

async function startProxy(
  scope: Scope,
  command: readonly string[],
  reloadSignal: NodeJS.Signals,
  configOf: (port: number, folder: string) => string,
): Promise<StartedProxy> {
  const folder = scratchFolder();
  const port = await freePort();
  const config = join(folder, 'proxy.conf');
  writeFileSync(config, configOf(port, folder));
  const start = () => {
    const env = { ...process.env, PATH: withSbin() };
    // A master that is killed leaves its workers behind, so it must not be ended as other children are.
    const ended: Scope = { after: () => scope.after(() => endChild(child, 'SIGTERM')) };
    const child = startChild(ended, [...command, config], { stdio: ['ignore', 'ignore', 'inherit'], env });
    return child;
  };
  let master = start();
  await untilServing(port);
  return {
    port,
    reload: async () => {
      const before = childrenOf(master.pid);
      master.kill(reloadSignal);
      const isNew = (pid: number) => !before.includes(pid);
      await eventually('new processes serve', () => childrenOf(master.pid).some(isNew), DEADLINE_MS);
      await untilServing(port);
    },
    crash: async () => {
      const workers = childrenOf(master.pid);
      for (const pid of workers) process.kill(pid, 'SIGKILL');
      // nginx makes new ones; haproxy ends when one of its processes has.
      const isBack = () => childrenOf(master.pid).some((pid) => !workers.includes(pid));
      await eventually('it is back or has ended', () => hasEnded() || isBack(), DEADLINE_MS);
      if (hasEnded()) master = start();
      await untilServing(port);
    },
  };

  function hasEnded(): boolean {
    return master.exitCode !== null || master.signalCode !== null;
  }
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

async function untilServing(port: number): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask(port, '/healthz').catch(() => undefined);
    if (answer?.status === 200) return;
    if (performance.now() > deadline) throw new Error(`the proxy does not serve: ${answer?.body ?? 'no answer'}`);
    await delay(10);
  }
}
