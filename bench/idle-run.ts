import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Scope } from '../test/e2e/child.ts';
import { startService } from '../test/e2e/service.ts';
import { watchUsage } from './usage.ts';

export interface IdleFigures {
  readonly serverCpuPercent: number;
  readonly serverMib: number;
}

/** A start is no idling: sweeps and garbage of the first scan are over after this. */
const SETTLE_MS = 12_000;

/** What it costs to watch `files` files that nobody reads and nobody writes. */
export async function runIdle(
  scope: Scope,
  folder: string,
  { files, seconds, pin }: { readonly files: number; readonly seconds: number; readonly pin: readonly string[] },
): Promise<IdleFigures> {
  const tree = join(folder, 'tree');
  for (let number = 0; number < files; number += 1) {
    if (number % 100 === 0) await mkdir(join(tree, `${number / 100}`), { recursive: true });
    await writeFile(join(tree, `${Math.floor(number / 100)}`, `app-${number}x.log`), 'a line\n');
  }
  const service = await startService(scope, [tree], { before: pin });
  await delay(SETTLE_MS);
  const usage = watchUsage(service.pid);
  await delay(seconds * 1_000);
  const used = usage.end();
  await service.stop();
  await rm(tree, { recursive: true });
  return { serverCpuPercent: (used.cpuSeconds / used.seconds) * 100, serverMib: used.mostMib };
}
