/**
 * To be run in a network of its own (`unshare -rn`) whose loopback is up: a reader comes from an address that is then taken away, so that nothing
 * reaches it any more and nobody says so. Prints JSON once it has been let go.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { eventually } from '../source/eventually.ts';
import { feedServer, get } from './feed-server.ts';

const ADDRESS = '10.9.9.9';
const [format = 'text'] = process.argv.slice(2);

execFileSync('ip', ['addr', 'add', `${ADDRESS}/32`, 'dev', 'lo']);
const ends: (() => unknown)[] = [];
const context = { after: (end: () => unknown) => void ends.push(end) } as unknown as TestContext;
const server = await feedServer(context, { stallTimeoutMs: 1_000 });
server.add('quiet');
const [vanishing, staying] = [ADDRESS, '127.0.0.1'].map((localAddress) =>
  connect({ port: server.port, host: '127.0.0.1', localAddress }).on('error', () => undefined),
);
for (const socket of [vanishing, staying]) {
  socket?.write(get(`/feeds/quiet?format=${format}`));
  if (socket !== undefined) await once(socket, 'data');
}
await eventually('both read', () => server.delivery.readers === 2);
execFileSync('ip', ['addr', 'del', `${ADDRESS}/32`, 'dev', 'lo']);
await eventually('one has been let go', () => server.delivery.readers < 2, 30_000);
const left = server.delivery.connected.all.map(({ outlet }) => outlet.address);
console.log(JSON.stringify({ left }));
for (const end of ends) await end();
process.exit();
