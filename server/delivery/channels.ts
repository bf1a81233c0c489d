import type { ReadableLog } from '../feed/log.ts';
import { Channel } from './channel.ts';
import type { FanOut } from './fan-out.ts';
import type { Format } from './format.ts';
import { WindowShare } from './window-share.ts';

interface Shared {
  readonly channel: Promise<Channel>;
  users: number;
}

/** The channels that are read now, one for each feed and format. */
export class Channels {
  readonly #share: WindowShare;
  readonly #fanOut: FanOut;
  readonly #shared = new Map<ReadableLog, Map<string, Shared>>();

  constructor(windowBytes: number, fanOut: FanOut) {
    this.#share = new WindowShare(windowBytes);
    this.#fanOut = fanOut;
  }

  /** The channel of `log` in `format`; ends with the last `release`. */
  async acquire(log: ReadableLog, format: Format): Promise<{ channel: Channel; release: () => void }> {
    const formats = this.#shared.get(log) ?? new Map<string, Shared>();
    this.#shared.set(log, formats);
    const shared = formats.get(format.key) ?? { channel: Channel.open(log, format, this.#share, this.#fanOut), users: 0 };
    formats.set(format.key, shared);
    shared.users += 1;
    const release = () => {
      shared.users -= 1;
      if (shared.users === 0) this.#forget(log, format.key, shared);
    };
    try {
      return { channel: await shared.channel, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #forget(log: ReadableLog, key: string, shared: Shared): void {
    const formats = this.#shared.get(log);
    formats?.delete(key);
    if (formats?.size === 0) this.#shared.delete(log);
    shared.channel.then(
      (channel) => channel.close(),
      () => undefined,
    );
  }
}
