import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '../../test/e2e/child.ts';
import { freePort } from '../../test/e2e/free-port.ts';
import { isNginxThere, startNginx } from '../nginx.ts';
import type { Peer } from './peer.ts';

const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';
const INSTALL = 'apt-get install -y nginx-light libnginx-mod-nchan';

/** What must be installed for it, where it is not. */
export function missingNchan(): string | undefined {
  return existsSync(MODULE) && isNginxThere() ? undefined : `nchan is not there to compare with: ${INSTALL}`;
}

/** nginx with one worker and its defaults, but with room for the readers and without a log of requests. */
export async function startNchan(scope: Scope, folder: string, pin: readonly string[]): Promise<Peer> {
  const port = await freePort();
  const prefix = join(folder, `nchan-${port}`);
  await mkdir(prefix);
  const config = join(prefix, 'nginx.conf');
  await writeFile(config, configuration(port, prefix));
  const { pid, stop } = await startNginx(scope, { prefix, config }, pin);
  return {
    name: 'nchan',
    port,
    pid,
    target: { port, path: '/pub/bench-%d' },
    readPath: '/sub/bench-%d',
    stop,
  };
}

export function nchanVersion(): string {
  return execFileSync('dpkg-query', ['-W', 'libnginx-mod-nchan'], { encoding: 'utf8' }).trim().replace('\t', ' ');
}

function configuration(port: number, prefix: string): string {
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${prefix}/nginx.pid;
error_log stderr error;
load_module ${MODULE};
events { worker_connections 19000; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${prefix}/body;
  proxy_temp_path ${prefix}/proxy;
  fastcgi_temp_path ${prefix}/fastcgi;
  uwsgi_temp_path ${prefix}/uwsgi;
  scgi_temp_path ${prefix}/scgi;
  nchan_shared_memory_size 256M;
  nchan_message_buffer_length 1000;
  nchan_message_timeout 60s;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location ~ ^/pub/(.+)$ { nchan_publisher; nchan_channel_id $1; }
    location ~ ^/sub/(.+)$ { nchan_subscriber eventsource; nchan_channel_id $1; }
  }
}
`;
}
