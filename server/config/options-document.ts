import { headOf } from './help.ts';
import { type Option, variableOf } from './option.ts';
import { type OptionName, optionNames, options } from './options.ts';

/** docs/options.md, made from the table of options. */
export function optionsDocument(): string {
  return `# Options

Made by \`npm run docs\` from \`server/config/options.ts\`: change that, not this.

    livefeed [options] [name=]PATH...
    npm start -- [options] [name=]PATH...

| flag | variable | in the config file | default (least to most) | what it does |
|---|---|---|---|---|
${optionNames.map(row).join('\n')}

Flags win over variables, variables over the config file, and that over the defaults. A list given in one place replaces the list of the
next; they are not added up.

- **Switches** take no value: \`--demo\`, or \`--no-demo\` for off. As a variable they are \`true\` or \`false\` (also 1, 0, yes, no, on, off).
- **Lists** are given by giving the flag again. In a variable the values are parted by commas, except paths and commands, which may hold
  commas: these stand on a line each.
- **Durations** have a unit: \`500ms\`, \`1s\`, \`10m\`, \`2h\`, \`1d\`. **Bytes** are a number, or one with \`k\`, \`M\` or \`G\` (units of 1024).
- **Relative paths** begin where the command was given; those in a config file at the file's folder.
- An empty variable says nothing.

## The config file

A JSON object. Lists are arrays, switches \`true\` or \`false\`, everything else is as on the command line. An unknown name is refused.

\`\`\`json
{
  "paths": ["/var/log/nginx/*.log", "web=/srv/app/logs"],
  "exec": ["load=vmstat 5"],
  "port": 4001,
  "partialTimeout": "2s",
  "followLinks": true
}
\`\`\`

## Exit status

| status | meaning |
|---|---|
| 0 | stopped by SIGTERM or SIGINT, every stream ended politely |
| 1 | failed; also where the port is taken |
| 2 | a wrong option, or a path that is not there or cannot be read |
| 130, 143 | a second SIGINT or SIGTERM ended it, without waiting for the streams to end |
`;
}

function row(name: OptionName): string {
  const option: Option = options[name];
  const positional = option.kind === 'list' && option.positional === true;
  const flag = `\`${headOf(name, option)}\`${option.kind === 'list' && !positional ? ' (again)' : ''}`;
  const isRequest = option.kind === 'request';
  const cells = [
    flag,
    isRequest ? '' : `\`${variableOf(name)}\``,
    isRequest || name === 'config' ? '' : `\`${name}\``,
    defaultOf(option),
    option.doc,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultOf(option: Option): string {
  if (option.kind === 'value') {
    const range = option.read.range === undefined ? '' : `(${option.read.range})`;
    return [option.default === undefined ? '' : `\`${option.default}\``, range].filter((words) => words !== '').join(' ');
  }
  return option.kind === 'switch' ? option.default : '';
}
