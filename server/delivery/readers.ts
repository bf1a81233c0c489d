import type { Reader } from './reader.ts';

/** Everyone who reads now, in the order in which they came. */
export class Readers {
  readonly #readers = new Map<number, Reader>();
  #lastId = 0;

  get size(): number {
    return this.#readers.size;
  }

  /** Those of this moment. */
  get all(): Reader[] {
    return [...this.#readers.values()];
  }

  get(id: number): Reader | undefined {
    return this.#readers.get(id);
  }

  /** By the secret id that a connection of several feeds was told. */
  ofConnection(id: string): Reader | undefined {
    return this.all.find(({ connection }) => connection?.id === id);
  }

  /** At most `count` of those who came after `id`. */
  after(id: number, count: number): Reader[] {
    const found: Reader[] = [];
    for (const reader of this.#readers.values()) {
      if (found.length === count) break;
      if (reader.id > id) found.push(reader);
    }
    return found;
  }

  /** What a new reader is known by. */
  next(): Pick<Reader, 'id' | 'since'> {
    this.#lastId += 1;
    return { id: this.#lastId, since: Date.now() };
  }

  add(reader: Reader): void {
    this.#readers.set(reader.id, reader);
  }

  remove({ id }: Reader): void {
    this.#readers.delete(id);
  }
}
