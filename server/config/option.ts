import type { FeedName } from '../feed/name.ts';

/** A command whose output is a feed: `--exec name='CMD'`. */
export interface CommandSpec {
  readonly name: FeedName;
  readonly command: string;
}

/** Turns the text of a value into the value, or throws a UsageError that says what to give instead. Relative paths begin at `base`. */
export type Reader<T> = ((text: string, base: string) => T) & {
  /** For people, where it is one: `1s to 10m`. */
  readonly range?: string;
};

interface Described {
  /** What it does, for --help and docs/options.md: whole sentences. */
  readonly doc: string;
  readonly short?: string;
}

/** On or off: `--demo`, `--no-demo`. Without a default, what is not said follows from the other options. */
export interface SwitchOption extends Described {
  readonly kind: 'switch';
  readonly default: string;
}

/** One value: `--port 4000`. */
export interface ValueOption<T> extends Described {
  readonly kind: 'value';
  readonly value: string;
  readonly read: Reader<T>;
  /** As the user would write it; undefined where there is no value unless one is given. */
  readonly default: string | undefined;
}

/** Any number of values: `--cors A --cors B`. */
export interface ListOption<T> extends Described {
  readonly kind: 'list';
  readonly value: string;
  readonly read: Reader<T>;
  /** What parts the values in the environment, where an option cannot be given twice. */
  readonly separator: ',' | '\n';
  /** Given without a flag: `livefeed PATH...`. */
  readonly positional?: true;
}

/** Asks for an answer instead of a service: `--help`. Only on the command line. */
export interface RequestOption extends Described {
  readonly kind: 'request';
}

export type Option = SwitchOption | ValueOption<unknown> | ListOption<unknown> | RequestOption;

/** The flag of an option by its name: `allowHost` is `--allow-host`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The environment variable of an option by its name: `allowHost` is `LIVEFEED_ALLOW_HOST`. */
export function variableOf(name: string): string {
  return `LIVEFEED_${flagOf(name).slice(2).replaceAll('-', '_').toUpperCase()}`;
}
