import type { OptionName } from './options.ts';

/** What one place says about an option, as text: how it is called there, and where its relative paths begin. */
export interface Given {
  readonly texts: readonly string[];
  /** For messages: `--port`, `LIVEFEED_PORT`, `"port" in /etc/livefeed.json`. */
  readonly where: string;
  readonly base: string;
}

/** What one place (the command line, the environment, the config file) says. Switches say `true` or `false`. */
export type GivenOptions = Partial<Record<OptionName, Given>>;
