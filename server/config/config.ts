import type { FeedName } from '../feed/name.ts';
import { fromCommandLine } from './command-line.ts';
import { fromConfigFile, fromObject } from './config-file.ts';
import type { Fsync } from './data-folder.ts';
import { fromEnvironment } from './environment.ts';
import type { Given, GivenOptions } from './given.ts';
import { isLoopback } from './network.ts';
import type { CommandSpec, ListOption, ValueOption } from './option.ts';
import { type OptionName, options } from './options.ts';
import { type PathArgument, type PathSpec, specOf } from './path-spec.ts';
import { UsageError } from './usage-error.ts';
import { userFolder } from './user-folder.ts';

/** What the service is to do, checked. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly allowAnonymous: boolean;
  readonly allowHosts: readonly string[];
  readonly cors: readonly string[];
  readonly paths: readonly PathSpec[];
  readonly commands: readonly CommandSpec[];
  readonly demo: boolean;
  /** The absolute path of the folder whose files are offered for download. */
  readonly files: string | undefined;
  /** The absolute path of the folder for published feeds. */
  readonly data: string;
  readonly fsync: Fsync;
  readonly maxFeeds: number;
  /** What is kept of a published feed for which nothing else was set. */
  readonly retainBytes: number;
  readonly retainAgeMs: number;
  readonly wait: boolean;
  readonly followLinks: boolean;
  readonly poll: boolean;
  readonly raw: boolean;
  readonly partialTimeoutMs: number;
  readonly windowBytes: number;
  /** Room for the content of archives, on disk. */
  readonly archiveCacheBytes: number;
  readonly stallTimeoutMs: number;
  /** Whether streams are compressed for those who accept it. */
  readonly compress: boolean;
  /** How long stopping may take. */
  readonly drainMs: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number | undefined;
  readonly maxReadersPerSecond: number;
  /** Undefined: a share of what there is. */
  readonly maxMemoryBytes: number | undefined;
  readonly logLevel: string;
}

/** Where published feeds are kept unless it is said: below where the command was started. */
const DEFAULT_DATA = './livefeed-data';

/** The configuration out of flags, environment, config file and defaults; the first that says something wins. Throws UsageError. */
export function loadConfig(argv: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Config {
  const base = userFolder(env, cwd);
  const places: GivenOptions[] = [fromCommandLine(argv, base), fromEnvironment(env, base)];
  const file = one(places, 'config', options.config);
  if (file !== undefined) places.push(fromConfigFile(file, base));
  const config = configOf([...places, defaultsAt(base)]);
  refuseOpenDoor(config);
  return config;
}

/** The configuration of a service within another program: an object with the names of a config file. Throws UsageError. */
export function configOfObject(given: object, base: string): Config {
  const what = 'the options for livefeed';
  return configOf([
    fromObject(given, { what, where: what, base }),
    { demo: { texts: ['false'], where: what, base } },
    defaultsAt(base),
  ]);
}

/** The one default that is not the same everywhere. */
function defaultsAt(base: string): GivenOptions {
  return { data: { texts: [DEFAULT_DATA], where: '--data', base } };
}

function configOf(places: readonly GivenOptions[]): Config {
  const wait = on(places, 'wait') ?? false;
  const paths = specsOf(many(places, 'paths', options.paths), wait);
  const commands = many(places, 'exec', options.exec);
  refuseSameName([...paths, ...commands]);
  return {
    host: one(places, 'host', options.host),
    port: one(places, 'port', options.port),
    allowAnonymous: on(places, 'allowAnonymous') ?? false,
    allowHosts: unique(many(places, 'allowHost', options.allowHost)),
    cors: unique(many(places, 'cors', options.cors)),
    paths,
    commands,
    demo: on(places, 'demo') ?? (paths.length === 0 && commands.length === 0),
    files: one(places, 'files', options.files),
    data: one(places, 'data', options.data),
    fsync: one(places, 'fsync', options.fsync),
    maxFeeds: one(places, 'maxFeeds', options.maxFeeds),
    retainBytes: one(places, 'retainBytes', options.retainBytes),
    retainAgeMs: one(places, 'retainAge', options.retainAge),
    wait,
    followLinks: on(places, 'followLinks') ?? false,
    poll: on(places, 'poll') ?? false,
    raw: on(places, 'raw') ?? false,
    partialTimeoutMs: one(places, 'partialTimeout', options.partialTimeout),
    windowBytes: one(places, 'window', options.window),
    archiveCacheBytes: one(places, 'archiveCache', options.archiveCache),
    compress: on(places, 'compress') ?? true,
    stallTimeoutMs: one(places, 'stallTimeout', options.stallTimeout),
    drainMs: one(places, 'drain', options.drain),
    maxConnections: one(places, 'maxConnections', options.maxConnections),
    maxConnectionsPerAddress: one(places, 'maxConnectionsPerAddress', options.maxConnectionsPerAddress),
    maxReadersPerSecond: one(places, 'maxReadersPerSecond', options.maxReadersPerSecond),
    maxMemoryBytes: one(places, 'maxMemory', options.maxMemory),
    logLevel: one(places, 'logLevel', options.logLevel),
  };
}

/** Without log-in, whoever reaches the port reads everything: that must be said, not happen. */
function refuseOpenDoor({ host, allowAnonymous }: Config): void {
  if (isLoopback(host) || allowAnonymous) return;
  throw new UsageError(
    `--host ${host} lets other machines read every feed and publish: add --allow-anonymous if that is meant, or leave --host out`,
  );
}

/** A path given twice is followed once; a chosen name wins over none. */
function specsOf(given: readonly PathArgument[], wait: boolean): PathSpec[] {
  const byPath = new Map<string, PathSpec>();
  for (const argument of given) {
    const spec = specOf(argument, wait);
    const before = byPath.get(spec.path);
    if (before?.name !== undefined && spec.name !== undefined && before.name !== spec.name)
      throw new UsageError(`${spec.path} is given twice, as ${before.name} and as ${spec.name}: give it once`);
    if (before?.name === undefined) byPath.set(spec.path, spec);
  }
  return [...byPath.values()];
}

function refuseSameName(named: readonly { readonly name: FeedName | undefined }[]): void {
  const seen = new Set<FeedName>();
  for (const { name } of named) {
    if (name !== undefined && seen.has(name))
      throw new UsageError(`the feed name ${name} is given twice: choose another for one of them`);
    if (name !== undefined) seen.add(name);
  }
}

function one<T>(places: readonly GivenOptions[], name: OptionName, option: ValueOption<T>): T {
  const given = firstWith(places, name);
  if (given !== undefined) return read(option, given.texts[0] ?? '', given);
  // Only an option whose type has room for undefined may have no default.
  return option.default === undefined ? (undefined as T) : option.read(option.default, '/');
}

function many<T>(places: readonly GivenOptions[], name: OptionName, option: ListOption<T>): T[] {
  const given = firstWith(places, name);
  return given === undefined ? [] : given.texts.map((text) => read(option, text, given));
}

function on(places: readonly GivenOptions[], name: OptionName): boolean | undefined {
  const given = firstWith(places, name);
  const text = given?.texts[0];
  if (text === undefined || text === 'true' || text === 'false') return text === undefined ? undefined : text === 'true';
  throw new UsageError(`${given?.where}: ${JSON.stringify(text)} will not do: give true or false`);
}

function firstWith(places: readonly GivenOptions[], name: OptionName): Given | undefined {
  return places.find((place) => place[name] !== undefined)?.[name];
}

function read<T>(option: ValueOption<T> | ListOption<T>, text: string, { where, base }: Given): T {
  try {
    return option.read(text, base);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${where}: ${error.message}`, { cause: error }) : error;
  }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
