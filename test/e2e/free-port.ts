import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * A free port below the ephemeral ones (Linux: from 32768): a client that keeps trying to come back to a port of those, while
 * nobody listens, would one day get that very port as its own and be connected to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch {
      // Taken: another one.
    } finally {
      if (server.listening) {
        server.close();
        await once(server, 'close');
      }
    }
  }
}
