import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** One request as it came to the service, and what the service answered. */
export interface Exchange {
  readonly method: string;
  readonly attempt: string;
  readonly status: number;
  /** The answer has ended: nothing is held open. */
  isOver: boolean;
}

export interface Witness {
  readonly port: number;
  readonly exchanges: readonly Exchange[];
}

/** Stands before the service, passes everything on as it came, and keeps a record that no page can fake. */
export async function witness(test: TestContext, servicePort: number): Promise<Witness> {
  const exchanges: Exchange[] = [];
  const server = createServer((asked, answer) => {
    const passed = request({
      host: '127.0.0.1',
      port: servicePort,
      method: asked.method,
      path: asked.url,
      headers: asked.headers,
      agent: false,
    });
    asked.pipe(passed);
    answer.once('close', () => passed.destroy());
    passed.on('error', () => answer.destroy());
    passed.on('response', (answered) => {
      const attempt = new URL(asked.url ?? '/', 'http://service').searchParams.get('attempt') ?? '';
      const exchange = { method: asked.method ?? '', attempt, status: answered.statusCode ?? 0, isOver: false };
      exchanges.push(exchange);
      answered.once('end', () => {
        exchange.isOver = true;
      });
      answer.writeHead(exchange.status, answered.headers);
      answered.pipe(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, exchanges };
}
