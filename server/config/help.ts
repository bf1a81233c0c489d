import { flagOf, type Option } from './option.ts';
import { optionNames, options } from './options.ts';

const WIDTH = 80;
const INDENT = '      ';

/** What `livefeed --help` prints. */
export function helpText(): string {
  return `Usage: livefeed [options] [name=]PATH...
       livefeed prove DIR [--poll]
       livefeed verify DIR

Turns log files, command output and standard input into live feeds that a
browser, any EventSource and curl -N can follow and resume. Without a PATH it
shows its demo feeds.

  livefeed /var/log/nginx/*.log web=/srv/app/logs
  livefeed --exec build='make -j4' app.log
  journalctl -f | livefeed -

"prove" writes, rotates and truncates scratch files in DIR, follows them, and
prints what the file system there survives, in some seconds (exit status 1 where
a line is lost without a word, 2 where DIR cannot be tried). A file called prove
is followed as ./prove.

"verify" checks the published feeds in a data folder that no service has, and
changes nothing (exit status 1 where something is wrong, 2 where DIR cannot be
checked). A file called verify is followed as ./verify.

Options:
${optionNames.map(paragraph).join('\n')}

Switches can be turned off: --no-demo. Options can also be given as variables
(LIVEFEED_PORT=4001) and in a config file; flags win over variables, these over
the file, and a list given in one place replaces that of the next.

Exit status: 0 stopped by a signal; 1 failed, or the port is taken; 2 a wrong
option or path; 130 interrupted twice.
`;
}

function paragraph(name: (typeof optionNames)[number]): string {
  const option: Option = options[name];
  return `  ${headOf(name, option)}\n${wrapped(option.doc + defaultOf(option))}`;
}

/** `-p, --port PORT`. */
export function headOf(name: string, option: Option): string {
  if (option.kind === 'list' && option.positional) return `${option.value}...`;
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}${flagOf(name)}${option.kind === 'value' || option.kind === 'list' ? ` ${option.value}` : ''}`;
}

function defaultOf(option: Option): string {
  if (option.kind === 'list') return option.positional ? '' : ' May be given again.';
  if (option.kind === 'request') return '';
  const range = option.kind === 'value' && option.read.range !== undefined ? option.read.range : '';
  if (option.default === undefined || option.default === 'off') return range === '' ? '' : ` (${range})`;
  return ` (default: ${option.default}${range === '' ? '' : `; ${range}`})`;
}

function wrapped(text: string): string {
  const lines = [INDENT];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    const fits = last.length + word.length < WIDTH || last === INDENT;
    if (fits) lines[lines.length - 1] = last === INDENT ? last + word : `${last} ${word}`;
    else lines.push(INDENT + word);
  }
  return lines.join('\n');
}
