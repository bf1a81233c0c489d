import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own that is gone when this process ends: by then every child that writes in it has ended. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-e2e-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
