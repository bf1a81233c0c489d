import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const NAMES = ['readers', 'publisher', 'spin'] as const;

/** The load is made by these, in C: Node as a client costs more than what is measured. */
export type Programs = Readonly<Record<(typeof NAMES)[number], string>>;

/** Compiles the load into `folder`. Throws where there is no compiler. */
export function compilePrograms(folder: string): Programs {
  const compile = (name: string) => {
    const program = join(folder, name);
    try {
      execFileSync('cc', ['-O2', '-o', program, join(import.meta.dirname, `${name}.c`)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new Error('the load is C and there is no cc: apt-get install -y build-essential');
    }
    return [name, program];
  };
  return Object.fromEntries(NAMES.map(compile)) as Programs;
}
