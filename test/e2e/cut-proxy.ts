import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Scope } from './child.ts';
import { freePort } from './free-port.ts';

/** Passes bytes on between clients and a port, until it is cut: like a line that somebody pulls out, and plugs in again. */
export class CutProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(port: number, targetPort: number) {
    this.port = port;
    this.#server = createServer((client) => this.#pass(client, targetPort)).listen(port, '127.0.0.1');
  }

  static async start(scope: Scope, targetPort: number): Promise<CutProxy> {
    const proxy = new CutProxy(await freePort(), targetPort);
    await once(proxy.#server, 'listening');
    scope.after(() => proxy.#close());
    return proxy;
  }

  /** Cuts all connections in the middle of what they say, and each that comes until it is mended. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  #pass(client: Socket, targetPort: number): void {
    if (this.#isCut) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }

  async #close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
