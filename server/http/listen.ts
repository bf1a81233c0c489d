import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Connections that wait to be accepted: a crowd that comes back at once is not refused by the kernel. */
const BACKLOG = 4096;
/** How often a server that closes looks for connections that have become idle. */
const IDLE_LOOK_MS = 100;

/** Connections that have not asked anything yet: browsers open such ahead, and Node does not count them as idle. */
const silent = new WeakMap<Server, Set<Socket>>();

/** A listening server. Rejects with the system's error where the address cannot be had. */
export async function listen(handler: RequestListener, { host, port }: { host: string; port: number }): Promise<Server> {
  const server = createServer({ keepAlive: true, noDelay: true }, handler);
  // Node would cut every upload and every long poll after five minutes.
  server.requestTimeout = 0;
  silent.set(server, silentSockets(server));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
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

/** Stops listening, ends the connections that ask nothing, and resolves when those that are in use have ended. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of silent.get(server) ?? []) socket.destroy();
  const timer = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
  await closed;
  clearInterval(timer);
}

function silentSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.prependListener('request', ({ socket }) => sockets.delete(socket));
  return sockets;
}
