import { existsSync, readFileSync } from 'node:fs';
import { endChild, type Scope, startChild } from '../test/e2e/child.ts';
import { eventually } from '../test/source/eventually.ts';

const NGINX = '/usr/sbin/nginx';

export interface Nginx {
  /** Of its one worker. */
  readonly pid: number;
  stop(): Promise<void>;
}

export function isNginxThere(): boolean {
  return existsSync(NGINX);
}

/** Starts nginx with a configuration that asks for one worker, in the foreground. */
export async function startNginx(
  scope: Scope,
  { prefix, config }: { readonly prefix: string; readonly config: string },
  pin: readonly string[],
): Promise<Nginx> {
  const master = startChild(scope, [...pin, NGINX, '-p', prefix, '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  master.stderr?.setEncoding('utf8').on('data', (words: string) => {
    errors += words;
  });
  let workers: readonly number[] = [];
  await eventually(`nginx has a worker ${errors}`, () => {
    if (master.exitCode !== null) throw new Error(`nginx did not start: ${errors}`);
    workers = childrenOf(master.pid);
    return workers.length === 1;
  });
  const [pid = Number.NaN] = workers;
  return { pid, stop: () => endChild(master, 'SIGTERM') };
}

function childrenOf(pid: number | undefined): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return children.filter((word) => word !== '').map(Number);
}
