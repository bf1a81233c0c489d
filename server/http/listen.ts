import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Connections that wait to be accepted: a crowd that comes back at once is not refused by the kernel. */
const BACKLOG = 4096;

/** A listening server. Rejects with the system's error where the address cannot be had. */
export async function listen(handler: RequestListener, { host, port }: { host: string; port: number }): Promise<Server> {
  const server = createServer({ keepAlive: true, noDelay: true }, handler);
  // Node would cut every upload and every long poll after five minutes.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, resolve);
  });
  return server;
}

/** The address as a URL that can be opened on this machine. */
export function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  const any = address === '0.0.0.0' || address === '::';
  const host = any ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}

/** Stops listening, ends idle connections, and resolves when those that are in use have ended. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await closed;
}
