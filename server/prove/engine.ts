import type { PathSpec } from '../config/path-spec.ts';
import { ArchiveCache } from '../feed/file/archive-cache.ts';
import { FileLog } from '../feed/file/file-log.ts';
import type { Follower, Log } from '../feed/log.ts';
import { toFeedName } from '../feed/name.ts';
import { Registry } from '../feed/registry.ts';
import { Discovery } from '../source/discovery.ts';

const ARCHIVE_CACHE_BYTES = 16 * 1024 ** 2;
/** Sooner than in the service: nobody wants to wait here. */
const PARTIAL_TIMEOUT_MS = 300;

/** What tails files in the service, put together for some files. */
export class Engine {
  readonly #archives = new ArchiveCache(ARCHIVE_CACHE_BYTES);
  readonly #registry = new Registry();
  readonly #options = { partialTimeoutMs: PARTIAL_TIMEOUT_MS, archives: this.#archives, raw: true };
  readonly #discovery: Discovery;

  constructor(poll: boolean) {
    const ignore = () => undefined;
    const watching = { poll, followLinks: false, onTrouble: ignore, onLimit: ignore };
    this.#discovery = new Discovery({ registry: this.#registry, ...this.#options, ...watching });
  }

  /** Begins to tail; the feed of the file at `paths[n]` is called by n. */
  async start(paths: readonly string[]): Promise<void> {
    await this.#discovery.start(paths.map((path, index): PathSpec => ({ name: nameOf(index), path, kind: 'file' })));
  }

  async follow(index: number, follower: Follower): Promise<void> {
    await this.#logOf(index)?.follow(follower);
  }

  /** Forgets all about a file, as the end of the service would. */
  async end(index: number): Promise<void> {
    await this.#logOf(index)?.close();
  }

  /** Another log of a file, which knows nothing of what the first has seen: as after a restart of the service. */
  another(path: string): Log {
    return new FileLog({ path, ...this.#options });
  }

  async close(): Promise<void> {
    this.#discovery.close();
    await this.#registry.close();
    await this.#archives.close();
  }

  #logOf(index: number): Log | undefined {
    return this.#registry.get(nameOf(index))?.log;
  }
}

function nameOf(index: number) {
  return toFeedName(`case${index}`);
}
