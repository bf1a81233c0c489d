import type { IncomingMessage } from 'node:http';
import { weightOf } from './weight.ts';

/**
 * Whether the answer may be gzip: where `Accept-Encoding` names it, or `*`, and does not like the bytes as they are better (RFC 9110
 * §12.5.3). Not for HTTP/1.0, whose clients get what they always got.
 */
export function acceptsGzip({ headers, httpVersion }: Pick<IncomingMessage, 'headers' | 'httpVersion'>): boolean {
  if (httpVersion === '1.0') return false;
  const weights = weightsOf(String(headers['accept-encoding'] ?? ''));
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}

function weightsOf(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const word of header.split(',')) {
    const [coding = '', ...parameters] = word.split(';').map((part) => part.trim().toLowerCase());
    weights.set(coding, weightOf(parameters));
  }
  return weights;
}
