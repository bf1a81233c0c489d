import { parseArgs } from 'node:util';
import type { GivenOptions } from './given.ts';
import { nearest } from './near.ts';
import { flagOf, type Option } from './option.ts';
import { type OptionName, optionNames, options } from './options.ts';
import { UsageError } from './usage-error.ts';

const nameByFlag = new Map<string, OptionName>(optionNames.map((name) => [flagOf(name), name]));
const switches = optionNames.filter((name) => options[name].kind === 'switch');
const nameByNegation = new Map<string, OptionName>(switches.map((name) => [`--no-${flagOf(name).slice(2)}`, name]));
const flags = [...nameByFlag.keys(), ...nameByNegation.keys()].filter((flag) => flag !== flagOf('paths'));

/** What the arguments say. */
export function fromCommandLine(argv: readonly string[], base: string): GivenOptions {
  const given: GivenOptions = {};
  for (const token of tokensOf(argv)) {
    if (token.kind === 'positional') add(given, 'paths', token.value, 'the path', base);
    if (token.kind === 'option') takeOption(given, token, base);
  }
  return given;
}

/** Whether the arguments ask for an answer instead of a service, whatever else they say. */
export function requestIn(argv: readonly string[]): 'help' | 'version' | undefined {
  const asked = tokensOf(argv).map((token) => (token.kind === 'option' ? nameByFlag.get(`--${token.name}`) : undefined));
  return asked.find((name) => name === 'help' || name === 'version');
}

/**
 * Node's parseArgs knows the grammar (`-p4000`, `--port=4000`, `--`). We take its tokens and not its verdicts: its errors have no
 * near names and take several sentences, and not strict it reports everything.
 */
function tokensOf(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: grammar(), strict: false, allowPositionals: true, tokens: true }).tokens;
}

type OptionToken = Extract<ReturnType<typeof tokensOf>[number], { kind: 'option' }>;

function takeOption(given: GivenOptions, token: OptionToken, base: string): void {
  const flag = `--${token.name}`;
  const negated = nameByNegation.get(flag);
  const name = negated ?? nameByFlag.get(flag);
  if (name === undefined || name === 'paths') throw unknownOption(token.rawName, flag);
  const option: Option = options[name];
  if (option.kind === 'request') return;
  if (option.kind === 'switch') {
    if (token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value: write ${flagOf(name)} or --no-${flagOf(name).slice(2)}`);
    set(given, name, negated === undefined ? 'true' : 'false', token.rawName, base);
    return;
  }
  const text = valueGivenBy(token, option.value);
  if (option.kind === 'list') add(given, name, text, token.rawName, base);
  else set(given, name, text, token.rawName, base);
}

/** A following `--option` is more likely the next option than the value: only `--flag=VALUE` may begin with a dash. */
function valueGivenBy(token: OptionToken, placeholder: string): string {
  const { value, inlineValue, rawName } = token;
  const missing = value === undefined || value === '' || (!inlineValue && value.startsWith('-') && value !== '-');
  if (missing) throw new UsageError(`${rawName} needs a value: ${rawName} ${placeholder}`);
  return value;
}

function unknownOption(rawName: string, flag: string): UsageError {
  const near = rawName.startsWith('--') ? nearest(flag, flags) : undefined;
  return new UsageError(
    `unknown option ${JSON.stringify(rawName).slice(1, -1)}: ${near === undefined ? '--help lists the options' : `did you mean ${near}?`}`,
  );
}

function set(given: GivenOptions, name: OptionName, text: string, where: string, base: string): void {
  given[name] = { texts: [text], where, base };
}

function add(given: GivenOptions, name: OptionName, text: string, where: string, base: string): void {
  given[name] = { texts: [...(given[name]?.texts ?? []), text], where, base };
}

function grammar() {
  return Object.fromEntries(optionNames.map((name) => [flagOf(name).slice(2), grammarOf(options[name])]));
}

function grammarOf(option: Option) {
  const takesValue = option.kind === 'value' || option.kind === 'list';
  return {
    type: takesValue ? ('string' as const) : ('boolean' as const),
    ...(option.short === undefined ? {} : { short: option.short }),
  };
}
