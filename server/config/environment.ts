import type { GivenOptions } from './given.ts';
import { type Option, variableOf } from './option.ts';
import { optionNames, options } from './options.ts';

const YES = /^(?:1|true|yes|on)$/i;
const NO = /^(?:0|false|no|off)$/i;

/**
 * What the variables say. An empty one says nothing, as compose files write it; one we do not know is not ours to refuse (Kubernetes
 * sets LIVEFEED_SERVICE_HOST for a Service of that name).
 */
export function fromEnvironment(env: NodeJS.ProcessEnv, base: string): GivenOptions {
  const given: GivenOptions = {};
  for (const name of optionNames) {
    const option: Option = options[name];
    const where = variableOf(name);
    const text = env[where];
    if (text === undefined || text.trim() === '' || option.kind === 'request') continue;
    given[name] = { texts: textsOf(option, text), where, base };
  }
  return given;
}

function textsOf(option: Option, text: string): string[] {
  if (option.kind === 'switch') return [YES.test(text) ? 'true' : NO.test(text) ? 'false' : text];
  if (option.kind !== 'list') return [text];
  const parts = text.split(option.separator).map((part) => part.trim());
  return parts.filter((part) => part !== '');
}
