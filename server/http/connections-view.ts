import type { Request, RequestHandler, Response } from 'express';
import { isLoopback } from '../config/network.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { dismiss, type Reader } from '../delivery/reader.ts';
import { viewOf } from '../delivery/reader-view.ts';
import { Problem } from '../problem/problem.ts';
import { badParameter } from './feed-request.ts';

/** So many are written down without holding the loop. */
const MAX_LISTED = 1_000;
/** What proxies add: whoever asks through one is not known to be of this machine. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** `GET /connections`: who reads what, and how far behind; `after=ID` goes on behind a list that was full. */
export function connectionList(delivery: Delivery): RequestHandler {
  return (request, response) => {
    refuseRemote(request, response);
    const { connected } = delivery;
    const count = readWhole(request, 'limit', 1, MAX_LISTED) ?? MAX_LISTED;
    const listed = connected.after(readWhole(request, 'after', 0, Number.MAX_SAFE_INTEGER) ?? 0, count);
    const next = listed.length === count ? `${listed.at(-1)?.id}` : null;
    response.set('Cache-Control', 'no-store').json({ connections: listed.map(viewOf), total: connected.size, next });
  };
}

/** `DELETE /connections/ID`: lets one reader go politely, by the id of the list or that which a connection of several feeds was told. */
export function connectionEnd(delivery: Delivery): RequestHandler {
  return (request, response) => {
    const id = String(request.params.id);
    const told = delivery.connected.ofConnection(id);
    if (told === undefined) refuseRemote(request, response);
    const reader = told ?? listedReader(delivery, id);
    if (reader === undefined) throw new Problem('unknown-connection', { detail: 'No connection with this id reads now.' });
    dismiss(reader, 'closed');
    response.status(204).end();
  };
}

function listedReader(delivery: Delivery, id: string): Reader | undefined {
  return /^[1-9]\d{0,14}$/.test(id) ? delivery.connected.get(Number(id)) : undefined;
}

/** Addresses are nobody else's business, nor is it to end what others read: there is no log-in that would tell who may. */
function refuseRemote(request: Request, response: Response): void {
  const address = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  // HTTP/1.0 is what nginx speaks where nothing is set, and then it adds no header either.
  const isForwarded = request.httpVersion === '1.0' || FORWARDED.some((name) => request.headers[name] !== undefined);
  if (!isLoopback(address) || isForwarded)
    throw new Problem('local-only', { detail: 'Who reads is told only to this machine, without a proxy between.' });
  if (response.hasHeader('Access-Control-Allow-Origin'))
    throw new Problem('foreign-origin', { detail: 'Who reads is not told to pages of another origin, allowed or not.' });
}

function readWhole(request: Request, parameter: string, least: number, most: number): number | undefined {
  const text = request.query[parameter];
  if (text === undefined) return undefined;
  const number = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most)) throw badParameter(parameter, `a whole number from ${least} to ${most}`);
  return number;
}
