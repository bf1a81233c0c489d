import type { Socket } from 'node:net';
import { MemoryWatch } from './memory-watch.ts';
import { RateBound } from './rate-bound.ts';

/** Which limit keeps somebody out. */
export type Limit = 'connections' | 'address' | 'rate' | 'memory';

export interface CapacityOptions {
  readonly maxConnections: number;
  /** From one address; undefined: as many as there may be at all. */
  readonly maxPerAddress: number | undefined;
  readonly maxReadersPerSecond: number;
  readonly maxMemoryBytes: number;
}

/** This share of the connections is kept free of readers, for those who publish and look after the service. */
const RESERVED_SHARE = 1 / 20;
/** A connection beyond the limit is there to be told so: it is cut if it asks nothing for this long, ms. */
const BEYOND_MS = 5_000;

/** How much more the service can take. Who has been let in stays; connections beyond are answered, never just dropped. */
export class Capacity {
  readonly #options: CapacityOptions;
  readonly #rate: RateBound;
  readonly #memory: MemoryWatch;
  /** Those that have been let in, with the address they count for. */
  readonly #admitted = new Map<Socket, string>();
  readonly #byAddress = new Map<string, number>();
  readonly #beyond = new WeakSet<Socket>();
  /** One for all sockets: each of ten thousand idle readers would pay for one of its own. */
  readonly #onClose: (this: Socket) => void;
  readonly refused: Record<Limit, number> = { connections: 0, address: 0, rate: 0, memory: 0 };

  constructor(options: CapacityOptions) {
    this.#options = options;
    this.#rate = new RateBound(options.maxReadersPerSecond);
    this.#memory = new MemoryWatch(options.maxMemoryBytes);
    const leave = (socket: Socket) => this.#leave(socket);
    this.#onClose = function onClose() {
      leave(this);
    };
  }

  /** Connections that have been let in. */
  get connections(): number {
    return this.#admitted.size;
  }

  /** Counts a new connection, which later requests do where nobody has. One that is beyond a limit is let in once there is room. */
  enter(socket: Socket): Limit | undefined {
    if (this.#admitted.has(socket) || socket.destroyed) return undefined;
    const { maxPerAddress } = this.#options;
    const address = maxPerAddress === undefined ? '' : groupOf(socket.remoteAddress ?? '');
    const limit = this.#limitAt(address);
    if (limit !== undefined) {
      this.#beyond.add(socket);
      socket.setTimeout(BEYOND_MS);
      return limit;
    }
    if (this.#beyond.delete(socket)) socket.setTimeout(0);
    this.#admitted.set(socket, address);
    if (maxPerAddress !== undefined) this.#byAddress.set(address, this.#countOf(address) + 1);
    socket.on('close', this.#onClose);
    return undefined;
  }

  /** Why nobody can be let in who wants to read from now on, on this connection; undefined where one can. */
  enterReader(socket: Socket): Limit | undefined {
    const { maxConnections } = this.#options;
    const limit = this.enter(socket);
    if (limit !== undefined) return limit;
    if (this.#admitted.size > maxConnections - Math.floor(maxConnections * RESERVED_SHARE)) return 'connections';
    if (this.#memory.isOver) return 'memory';
    return this.#rate.take() ? undefined : 'rate';
  }

  #limitAt(address: string): Limit | undefined {
    const { maxConnections, maxPerAddress } = this.#options;
    if (this.#admitted.size >= maxConnections) return 'connections';
    return maxPerAddress !== undefined && this.#countOf(address) >= maxPerAddress ? 'address' : undefined;
  }

  #countOf(address: string): number {
    return this.#byAddress.get(address) ?? 0;
  }

  #leave(socket: Socket): void {
    const address = this.#admitted.get(socket);
    this.#admitted.delete(socket);
    if (address === undefined) return;
    const count = this.#countOf(address) - 1;
    if (count > 0) this.#byAddress.set(address, count);
    else this.#byAddress.delete(address);
  }
}

/** Whoever has one IPv6 address mostly has a network of 2^64 of them. */
export function groupOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  if (!bare.includes(':')) return bare;
  const [head = '', tail] = bare.split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Math.max(0, 8 - groups.length - behind.length);
  return [...groups, ...Array<string>(zeros).fill('0'), ...behind].slice(0, 4).join(':');
}
