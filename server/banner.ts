import { isIPv6 } from 'node:net';
import { userInfo } from 'node:os';

/** What there is to say about a service that has started. */
export interface Started {
  readonly url: string;
  readonly feeds: readonly { readonly name: string; readonly source: string; readonly detail?: string }[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface BannerOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Whether the output is a terminal. */
  readonly terminal: boolean;
}

const MOST_LINES = 10;

/** What the command prints when it listens: where, what, how to stop. Names of files are not to be trusted with the terminal. */
export function banner({ url, feeds, skipped }: Started, { env, terminal }: BannerOptions): string {
  const paint = painter(terminal && (env.NO_COLOR ?? '') === '');
  const sections = [
    [`${paint('bold', 'livefeed')} is at ${paint('cyan', url)}`, ...sshLines(url, env)],
    [`${counted(feeds.length, 'feed')}${feeds.length === 0 ? ' yet' : ''}`, ...some(feeds.map(feedLine))],
    skipped.length === 0 ? [] : [`${counted(skipped.length, 'file')} skipped`, ...some(skipped.map(skippedLine))],
    [paint('dim', `Follow one: curl -N ${url}/feeds/${feeds[0]?.name ?? 'NAME'}`), paint('dim', 'Stop with Ctrl-C.')],
  ];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${text.join('\n\n')}\n`;
}

function feedLine({ name, source, detail }: Started['feeds'][number]): string {
  return `  ${name}  ${printable(detail ?? source)}`;
}

function skippedLine({ path, reason }: Started['skipped'][number]): string {
  return `  ${printable(path)}  ${printable(reason)}`;
}

function some(lines: readonly string[]): string[] {
  const rest = lines.length - MOST_LINES;
  return rest <= 0 ? [...lines] : [...lines.slice(0, MOST_LINES), `  and ${rest} more`];
}

function counted(count: number, word: string): string {
  return `${count === 0 ? 'No' : count} ${word}${count === 1 ? '' : 's'}`;
}

/** In an SSH session the page's address is of the other machine: the line that brings it to the user's own. */
function sshLines(url: string, env: NodeJS.ProcessEnv): string[] {
  const [, , address, sshPort] = (env.SSH_CONNECTION ?? '').split(' ');
  if (address === undefined || sshPort === undefined) return [];
  const { hostname, port } = new URL(url);
  const option = sshPort === '22' ? '' : `-p ${sshPort} `;
  const target = `${userName()}${isIPv6(address) ? address.replace(/%.*$/, '') : address}`;
  return [
    `From your own machine: ssh -L ${port}:${hostname}:${port} ${option}${target}`,
    `and open http://127.0.0.1:${port}`,
  ].map(printable);
}

function userName(): string {
  try {
    return `${userInfo().username}@`;
  } catch {
    return ''; // A container's user need not have a name.
  }
}

/** Control characters would be obeyed by the terminal; bidirectional ones reorder what is shown. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');
}

const SGR = { bold: 1, dim: 2, cyan: 36 } as const;

function painter(colours: boolean) {
  return (style: keyof typeof SGR, text: string) => (colours ? `\u001B[${SGR[style]}m${text}\u001B[0m` : text);
}
