import { chosenName } from './chosen-name.ts';
import type { CommandSpec } from './option.ts';
import { UsageError } from './usage-error.ts';

/** `name=CMD`, where CMD is a line for the shell. */
export function readCommand(text: string): CommandSpec {
  const cut = text.indexOf('=');
  const command = text.slice(cut + 1).trim();
  if (cut <= 0 || command === '') throw new UsageError(`${JSON.stringify(text)} will not do: write NAME='CMD', like up='uptime'`);
  if (command.includes('\0')) throw new UsageError(`${JSON.stringify(text)} will not do: a command cannot hold a NUL byte`);
  return { name: chosenName(text.slice(0, cut)), command };
}
