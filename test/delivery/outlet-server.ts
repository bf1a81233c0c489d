import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { Outlet } from '../../server/delivery/outlet.ts';

/** A server that makes an outlet of every request; what is sent through it the test decides. */
export async function outletServer(
  context: TestContext,
  take: (outlet: Outlet, path: string) => void,
): Promise<{ port: number }> {
  const server = createServer((request, response) => {
    const outlet = new Outlet(request, response);
    outlet.head(200, { 'Content-Type': 'text/event-stream' });
    take(outlet, request.url ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port };
}
