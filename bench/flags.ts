import { parseArgs } from 'node:util';

export interface Flags<Name extends string> {
  readonly numbers: Readonly<Record<Name, number>>;
  /** The cases that are asked for; none where all are. */
  readonly only: readonly string[];
}

/** Reads whole numbers, each with its default, and `--only` of the cases there are. Ends the process where one is wrong. */
export function readFlags<Name extends string>(defaults: Readonly<Record<Name, number>>, cases: readonly string[]): Flags<Name> {
  const names = Object.keys(defaults) as Name[];
  const options = Object.fromEntries([...names, 'only'].map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options });
  const read = names.map((name) => [name, Number(values[name] ?? defaults[name])] as const);
  const wrong = read.find(([, number]) => !Number.isInteger(number) || number < 1);
  if (wrong !== undefined) refuse(`--${wrong[0]} must be a whole number from 1 on`);
  const only = String(values.only ?? '')
    .split(',')
    .filter((name) => name !== '');
  const unknown = only.find((name) => !cases.includes(name));
  if (unknown !== undefined) refuse(`--only ${unknown}: there are ${cases.join(', ')}`);
  return { numbers: Object.fromEntries(read) as Record<Name, number>, only };
}

export function refuse(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(2);
}
