import { execFile } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Naming } from './plan.ts';

interface OldPart {
  readonly part: number;
  isZipped: boolean;
  /** Below the folder, as it is called now, without `.gz`. */
  name: string;
}

const FIRST_DAY = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

/** The older files beside the path, named as rotators name them, the oldest first. */
export class Parts {
  readonly #folder: string;
  readonly #naming: Naming;
  readonly #old: OldPart[] = [];
  #rotations = 0;

  constructor(folder: string, naming: Naming) {
    this.#folder = folder;
    this.#naming = naming;
  }

  /** Makes room for the newest old part and answers what it is to be called. */
  next(part: number): string {
    this.#rotations += 1;
    const isNumbered = this.#naming === 'number behind' || this.#naming === 'number before';
    if (isNumbered) this.#shift();
    const name = isNumbered ? this.#numbered(1) : this.#stamped(this.#rotations);
    this.#old.push({ part, name, isZipped: false });
    return join(this.#folder, name);
  }

  /** Compresses the oldest that is not; never the newest, to which late lines may come. */
  async zip(): Promise<void> {
    const plain = this.#old.slice(0, -1).find(({ isZipped }) => !isZipped);
    if (plain === undefined) return;
    await promisify(execFile)('gzip', [join(this.#folder, plain.name)]);
    plain.isZipped = true;
  }

  /** Removes the oldest; answers which part that was. */
  expire(): number | undefined {
    const oldest = this.#old.shift();
    if (oldest !== undefined) rmSync(this.#pathOf(oldest));
    return oldest?.part;
  }

  #shift(): void {
    for (const [index, old] of this.#old.entries()) {
      const before = this.#pathOf(old);
      old.name = this.#numbered(this.#old.length - index + 1);
      renameSync(before, this.#pathOf(old));
    }
  }

  #pathOf({ name, isZipped }: OldPart): string {
    return join(this.#folder, isZipped ? `${name}.gz` : name);
  }

  #numbered(number: number): string {
    return this.#naming === 'number behind' ? `app.log.${number}` : `app.${number}.log`;
  }

  #stamped(rotation: number): string {
    const day = new Date(FIRST_DAY + rotation * DAY_MS).toISOString().slice(0, 10);
    if (this.#naming === 'time stamp') return `@40000000${(0x67000000 + rotation).toString(16)}00000000.s`;
    return this.#naming === 'date behind' ? `app.log-${day.replaceAll('-', '')}` : `app-${day}.log`;
  }
}
