import { isIP, isIPv4 } from 'node:net';

/** `host[:port]` of RFC 9110 §7.2, without the user info, encodings and spaces that URL parsers forgive. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;

/** The name or address in a Host header, in lower case, without brackets, port or final dot; undefined where it is malformed. */
export function hostName(header: string): string | undefined {
  const name = HOST.exec(header)?.[1]?.toLowerCase();
  if (name?.startsWith('[')) return isIP(name.slice(1, -1)) === 6 ? canonicalIPv6(name) : undefined;
  return name?.replace(/\.$/, '');
}

/**
 * Whether a name is one of ours. A page of another site can make its own name resolve to our address (DNS rebinding), but it
 * cannot make the browser send our name: so only names that nobody else can own, and those that were configured, are let in.
 */
export function ownHosts(allowHosts: readonly string[], listenHost: string): (name: string) => boolean {
  const configured = new Set([...allowHosts, listenHost].map(configuredName));
  // Bound to every address, we cannot list ours; but an address, unlike a name, cannot be made to resolve to us.
  const anyAddress = listenHost === '0.0.0.0' || canonicalIPv6(`[${listenHost}]`) === '::';
  return (name) => isLoopback(name) || configured.has(name) || (anyAddress && isIP(name) !== 0);
}

export function isLoopback(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

/** An address may be configured as `::1`, `[::1]` or with a port. */
function configuredName(text: string): string {
  return hostName(isIP(text) === 6 ? `[${text}]` : text) ?? text.toLowerCase();
}

function canonicalIPv6(bracketed: string): string | undefined {
  return URL.canParse(`http://${bracketed}`) ? new URL(`http://${bracketed}`).hostname.slice(1, -1) : undefined;
}
