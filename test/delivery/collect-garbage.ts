import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Frees what nobody holds any more. The memory of buffers is given back beside the program: a second collection waits for that. */
export function collectGarbage(): void {
  collect();
  collect();
}
