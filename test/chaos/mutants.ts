import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A change that makes the service wrong in one way: the checker must find it out. */
export interface Mutant {
  readonly name: string;
  /** The whole of `find` is in `file` exactly once. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
}

/** A module to be loaded before the server's own, that makes the server the mutant. */
export function mutantImport(mutant: Mutant): string {
  const url = pathToFileURL(join(import.meta.dirname, 'mutate.mjs'));
  url.search = new URLSearchParams({ mutant: JSON.stringify(mutant) }).toString();
  return url.href;
}
