import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type { ZodError } from 'zod';
import type { GivenOptions } from './given.ts';
import { nearest } from './near.ts';
import type { Option } from './option.ts';
import { type OptionName, optionNames, options } from './options.ts';
import { pathTrouble } from './path-trouble.ts';
import { UsageError } from './usage-error.ts';

const MAX_CONFIG_BYTES = 1024 * 1024;
const settable = optionNames.filter((name) => options[name].kind !== 'request' && name !== 'config');

/** What a JSON file says. Its relative paths begin at its folder, so that it means the same wherever the service is started. */
export function fromConfigFile(path: string, base: string): GivenOptions {
  const file = resolve(base, path);
  return fromObject(parseJson(file, readText(file)), { what: `the config file ${file}`, where: file, base: dirname(file) });
}

/** What an object says that has the names of a config file. */
export function fromObject(
  content: unknown,
  { what, where, base }: { readonly what: string; readonly where: string; readonly base: string },
): GivenOptions {
  const result = makeSchema().safeParse(content);
  if (!result.success) throw new UsageError(`${what} will not do: ${explain(result.error)}`);
  const given: GivenOptions = {};
  for (const name of settable) {
    const value = result.data[name];
    if (value === undefined) continue;
    const texts = Array.isArray(value) ? value : [String(value)];
    given[name] = { texts, where: `"${name}" in ${where}`, base };
  }
  return given;
}

/** zod takes a fifth of the start to load, and most starts have no config file: it is loaded here. */
function makeSchema() {
  const { z } = createRequire(import.meta.url)('zod') as typeof import('zod');
  const text = z.string({ error: 'give a text' });
  const scalar = z.union([z.string(), z.number()], { error: 'give a text or a number' }).transform(String);
  const schemaOf = ({ kind }: Option) => {
    if (kind === 'switch') return z.boolean({ error: 'give true or false' });
    return kind === 'list' ? z.array(text, { error: 'give a list of texts' }) : scalar;
  };
  return z.strictObject(Object.fromEntries(settable.map((name) => [name, schemaOf(options[name]).optional()])), {
    error: 'give an object, like {"port": 4000}',
  });
}

function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size <= MAX_CONFIG_BYTES) return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`the config file ${file} ${pathTrouble(error)}`);
  }
  throw new UsageError(`the config file ${file} is larger than ${MAX_CONFIG_BYTES} bytes: that is not one of ours`);
}

function parseJson(file: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`the config file ${file} is not JSON: ${(error as Error).message.replace(/\s+/g, ' ')}`);
  }
}

function explain(error: ZodError): string {
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys') return explainKey(String(issue.keys[0]));
  const place = issue?.path.length ? `"${issue.path.join('.')}": ` : '';
  return `${place}${issue?.message}`;
}

function explainKey(key: string): string {
  const near = nearest(key, settable satisfies OptionName[]);
  const advice = near === undefined ? `the options are ${settable.join(', ')}` : `did you mean "${near}"?`;
  return `there is no option ${JSON.stringify(key)}: ${advice}`;
}
