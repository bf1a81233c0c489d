import { once } from 'node:events';
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import express, { type Express } from 'express';

/** A real listening server on a free port of 127.0.0.1 for as long as the test runs. */
export async function serve(test: TestContext, build: (app: Express) => void): Promise<{ url: string; port: number }> {
  const app = express();
  build(app);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Asks with exactly the path and headers given, which fetch would normalise or refuse. */
export async function ask(port: number, path: string, options: RequestOptions & { send?: string } = {}): Promise<Answer> {
  const { send, ...rest } = options;
  const asking = request({ host: '127.0.0.1', port, path, agent: false, ...rest });
  asking.end(send);
  const [response] = await once(asking, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}
