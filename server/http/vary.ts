import type { ServerResponse } from 'node:http';

/** Names request headers by which an answer differs, besides those that are named already (the guard's `Origin`). */
export function vary(response: ServerResponse, names: string): void {
  const given = response.getHeader('Vary');
  response.setHeader('Vary', given === undefined ? names : `${String(given)}, ${names}`);
}
