import { inflate } from './inflate.ts';
import type { OpenFile } from './open-file.ts';
import { ScratchFile } from './scratch-file.ts';

/** Where content can be kept, and how much of it still. */
export interface Room {
  readonly folder: string;
  hasRoomFor(bytes: number): boolean;
  claim(bytes: number): boolean;
  giveBack(bytes: number): void;
  /** The disk has not taken what there was room for. */
  diskFailed(): void;
}

/** One archive that is being inflated, for all who wait for it. It reads on its own share of the file, whoever closes theirs. */
export class Inflation {
  /** The length of the content. */
  readonly done: Promise<number>;
  readonly #room: Room;
  readonly #keep: (file: ScratchFile) => boolean;
  readonly #aborting = new AbortController();
  #waiting = 0;

  constructor(compressed: OpenFile, room: Room, keep: (file: ScratchFile) => boolean) {
    this.#room = room;
    this.#keep = keep;
    this.done = this.#run(compressed.share());
    // Those who wait are told; where all have left, nobody is.
    this.done.catch(() => undefined);
  }

  /** Resolves with the length, or rejects as soon as `signal` is aborted: nobody else has to wait for that. */
  async wait(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    this.#waiting += 1;
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave);
    });
    try {
      return await Promise.race([this.done, left]);
    } finally {
      if (leave !== undefined) signal.removeEventListener('abort', leave);
      this.#waiting -= 1;
      if (this.#waiting === 0) this.abort();
    }
  }

  get isAborted(): boolean {
    return this.#aborting.signal.aborted;
  }

  abort(): void {
    this.#aborting.abort();
  }

  /** Goes on to the end where there is no room (left): only there does it show whether the file is whole, and how long it is. */
  async #run(compressed: OpenFile): Promise<number> {
    const copy = new Copy(this.#room);
    let length = 0;
    let isKept = false;
    try {
      if (!this.#room.hasRoomFor(await leastLength(compressed))) await copy.giveUp();
      for await (const chunk of inflate(compressed, { signal: this.#aborting.signal })) {
        length += chunk.length;
        await copy.append(chunk);
      }
      isKept = copy.file !== undefined && this.#keep(copy.file);
      return length;
    } finally {
      if (!isKept) await copy.giveUp();
      await compressed.close();
    }
  }
}

/**
 * What a gzip file says about the length of its content: of its last member, modulo 4 GiB (RFC 1952 §2.3.1). Often less than it
 * is, never much more, so that what cannot fit drives nothing out of the cache.
 */
async function leastLength(compressed: OpenFile): Promise<number> {
  const { size } = await compressed.stat();
  const trailer = await compressed.read(Math.max(0, size - 4), 4);
  return trailer.length < 4 ? 0 : trailer.readUInt32LE();
}

/** The content as far as it is inflated, in a file; given up where there is no room for it. */
class Copy {
  readonly #room: Room;
  #claimed = 0;
  #isGivenUp = false;
  file: ScratchFile | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  async append(chunk: Buffer): Promise<void> {
    if (this.#isGivenUp) return;
    if (!this.#room.claim(chunk.length)) return this.giveUp();
    this.#claimed += chunk.length;
    try {
      this.file ??= await ScratchFile.create(this.#room.folder);
      await this.file.append(chunk);
    } catch {
      this.#room.diskFailed();
      await this.giveUp();
    }
  }

  async giveUp(): Promise<void> {
    this.#isGivenUp = true;
    this.#room.giveBack(this.#claimed);
    this.#claimed = 0;
    await this.file?.close();
    this.file = undefined;
  }
}
