const NOTHING = Buffer.alloc(0);
const FIRST_ROOM = 1024;

/** Bytes that come in pieces, up to a limit: beyond it they are let go of, and only that there were too many is known. */
export class HeldBytes {
  readonly #maxBytes: number;
  #room: Buffer = NOTHING;
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** A copy of `bytes` is taken, however small the pieces are: a piece of a chunk would hold the whole chunk. */
  add(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (length <= this.#maxBytes) {
      this.#makeRoom(length);
      bytes.copy(this.#room, this.#length);
    } else this.#room = NOTHING;
    this.#length = length;
  }

  /** What has come, or undefined where it was too much; begins again from nothing. */
  take(): Buffer | undefined {
    const length = this.#length;
    const taken = length > this.#maxBytes ? undefined : this.#room.subarray(0, length);
    this.#room = NOTHING;
    this.#length = 0;
    return taken;
  }

  #makeRoom(length: number): void {
    if (length <= this.#room.length) return;
    const room = Buffer.allocUnsafe(Math.min(this.#maxBytes, Math.max(FIRST_ROOM, 2 * length)));
    this.#room.copy(room, 0, 0, this.#length);
    this.#room = room;
  }
}
