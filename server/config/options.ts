import { readCommand } from './command-spec.ts';
import { readDataFolder, readFsync } from './data-folder.ts';
import { readFilesRoot } from './files-root.ts';
import { readLogLevel } from './log-level.ts';
import { readAllowedHost, readHost, readOrigin, readPort } from './network.ts';
import type { CommandSpec, ListOption, Option, RequestOption, SwitchOption, ValueOption } from './option.ts';
import { type PathArgument, readPathArgument } from './path-spec.ts';
import { bytesBetween, countBetween, durationBetween } from './quantity.ts';

/**
 * Every option there is. The command line, the environment, the config file, --help and docs/options.md all come from this table;
 * its keys are the names in the config file, and flags and variables are made from them.
 */
export const options = {
  paths: list<PathArgument>({
    value: '[NAME=]PATH',
    read: readPathArgument,
    separator: '\n',
    positional: true,
    doc: "Files, folders and globs to follow; - is standard input. NAME= chooses the feed's name (a folder's or glob's feeds are NAME/...). Where a file is really called \"NAME=PATH\", that file is meant. Quoted globs are expanded here and go on matching files that appear later.",
  }),
  exec: list<CommandSpec>({
    short: 'e',
    value: "NAME='CMD'",
    read: readCommand,
    separator: '\n',
    doc: 'Run CMD with the shell and follow what it prints, as the feed NAME.',
  }),
  port: value({
    short: 'p',
    value: 'PORT',
    read: readPort,
    default: '4000',
    doc: 'The port to listen on; 0 takes any free one.',
  }),
  host: value({
    value: 'HOST',
    read: readHost,
    default: '127.0.0.1',
    doc: 'The address to listen on. Other machines can reach anything but a loopback address, so that needs --allow-anonymous.',
  }),
  allowAnonymous: toggle({
    default: 'off',
    doc: 'Let everyone who can reach the port read every feed and publish, without any log-in.',
  }),
  allowHost: list<string>({
    value: 'NAME',
    read: readAllowedHost,
    separator: ',',
    doc: 'A host name, besides those of --host and this machine, that requests may be addressed to. Others are refused, so that a web page cannot reach the service through a name of its own (DNS rebinding).',
  }),
  cors: list<string>({
    value: 'ORIGIN',
    read: readOrigin,
    separator: ',',
    doc: 'An origin, like https://app.example.org, whose web pages may read the feeds and publish. Pages of all others are refused.',
  }),
  demo: toggle({
    default: 'on where there is no path and no command',
    doc: 'Serve the demo feeds: demo/messages and demo/system.',
  }),
  files: value<string | undefined>({
    value: 'DIR',
    read: readFilesRoot,
    default: undefined,
    doc: 'Offer the files below DIR for download at /download/file/NAME.',
  }),
  data: value({
    value: 'DIR',
    read: readDataFolder,
    default: './livefeed-data',
    doc: 'Keep published feeds below DIR. It is made when something is published first, and belongs to one livefeed at a time.',
  }),
  fsync: value({
    value: 'WHEN',
    read: readFsync,
    default: 'always',
    doc: 'When what is published is written through to the disk: always (before it is acknowledged, so that it outlasts a power cut), interval (soon after) or never (when the system likes). It outlasts the end of this process in any case.',
  }),
  maxFeeds: value({
    value: 'COUNT',
    read: countBetween(1, 1_000_000),
    default: '10000',
    doc: 'At most so many published feeds.',
  }),
  retainBytes: value({
    value: 'BYTES',
    read: bytesBetween('64k', '1024G'),
    default: '64M',
    doc: 'Keep so much of a published feed for which nothing else was set (PUT /feeds/NAME); the oldest goes first.',
  }),
  retainAge: value({
    value: 'DURATION',
    read: durationBetween('1s', '3650d'),
    default: '7d',
    doc: 'Keep the events of such a feed so long.',
  }),
  wait: toggle({ default: 'off', doc: 'Wait for paths that are not there yet, instead of refusing them.' }),
  followLinks: toggle({
    default: 'off',
    doc: 'Follow links that lead out of a folder or glob, and links to folders. Paths given by name are followed in any case.',
  }),
  poll: toggle({
    default: 'off',
    doc: 'Look at files every 250 ms (those that someone reads) or 10 s instead of watching their folders. Folders on network file systems are polled in any case.',
  }),
  raw: toggle({
    default: 'off',
    doc: "Show the lines of container logs as they are in the file. Otherwise what Docker (json-file) and Kubernetes (CRI) put around a line is taken off, its time becomes the event's, and the parts of a long line are joined.",
  }),
  partialTimeout: value({
    value: 'DURATION',
    read: durationBetween('10ms', '1h'),
    default: '1s',
    doc: 'Show a last line that has no line feed after this long. It comes as an event once it is finished.',
  }),
  window: value({
    value: 'BYTES',
    read: bytesBetween('64k', '256M'),
    default: '512k',
    doc: 'Memory for the recent events of one feed in one format, shared by all who read it. Whoever falls behind it reads from the log at their own speed. More than 512 at once share what 512 have.',
  }),
  compress: toggle({
    default: 'on',
    doc: 'Compress the streams of feeds with gzip for clients that accept it (Accept-Encoding). What several read is compressed once. Turn it off where the processor is dearer than the network, or where lines of strangers stand beside secrets and others can see how long answers are.',
  }),
  archiveCache: value({
    value: 'BYTES',
    read: bytesBetween('0', '1024G'),
    default: '1G',
    doc: "Room in the system's temporary folder for the content of compressed older parts of files (.gz), all feeds together. Where that folder is in memory, set TMPDIR to one on disk. What has not been read for a while makes room for what is; an archive that does not fit is read linearly, and feed.open says so.",
  }),
  stallTimeout: value({
    value: 'DURATION',
    read: durationBetween('1s', '24h'),
    default: '10m',
    doc: 'Cut off a reader that has taken not one byte for this long. It can resume where it was.',
  }),
  drain: value({
    value: 'DURATION',
    read: durationBetween('1s', '10m'),
    default: '10s',
    doc: 'How long stopping takes at most. In the first half the readers are let go, spread so that they do not all come back at once (a few at once); at the end, those who have not taken what was on its way are cut off.',
  }),
  maxConnections: value({
    value: 'COUNT',
    read: countBetween(1, 10_000_000),
    default: '16000',
    doc: 'At most so many connections, and not more than four fifths of the files that the system lets this process open. A twentieth is kept free of readers. Who comes when there is no room is told to come back.',
  }),
  maxConnectionsPerAddress: value<number | undefined>({
    value: 'COUNT',
    read: countBetween(1, 10_000_000),
    default: undefined,
    doc: 'At most so many connections from one address (of IPv6, from one /64). Not limited unless it is given: behind a proxy, all have the address of the proxy.',
  }),
  maxReadersPerSecond: value({
    value: 'COUNT',
    read: countBetween(1, 1_000_000),
    default: '2000',
    doc: 'At most so many new readers a second, after a rest five times as many at once; the others are told to come back.',
  }),
  maxMemory: value<number | undefined>({
    value: 'BYTES',
    read: bytesBetween('64M', '1024G'),
    default: undefined,
    doc: 'No new readers while the process has more memory than this. Unless it is given, 85 % of what the container or the machine has. The same holds at 85 % of the heap of Node (--max-old-space-size).',
  }),
  logLevel: value({
    value: 'LEVEL',
    read: readLogLevel,
    default: 'info',
    doc: "How much the service's own log, the feed livefeed/log, tells: trace, debug, info, warn, error, fatal or silent.",
  }),
  config: value<string | undefined>({
    short: 'c',
    value: 'FILE',
    read: (text) => text,
    default: undefined,
    doc: 'Read options from a JSON file, an object with the names in docs/options.md. Relative paths in it begin at its folder.',
  }),
  help: request({ short: 'h', doc: 'Print this and exit.' }),
  version: request({ short: 'V', doc: 'Print the version and exit.' }),
} as const satisfies Readonly<Record<string, Option>>;

export type OptionName = keyof typeof options;
export const optionNames = Object.keys(options) as OptionName[];

function toggle(option: Omit<SwitchOption, 'kind'>): SwitchOption {
  return { kind: 'switch', ...option };
}

function value<T>(option: Omit<ValueOption<T>, 'kind'>): ValueOption<T> {
  return { kind: 'value', ...option };
}

function list<T>(option: Omit<ListOption<T>, 'kind'>): ListOption<T> {
  return { kind: 'list', ...option };
}

function request(option: Omit<RequestOption, 'kind'>): RequestOption {
  return { kind: 'request', ...option };
}
