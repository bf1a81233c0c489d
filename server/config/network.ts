import { isIP, isIPv4 } from 'node:net';
import { UsageError } from './usage-error.ts';

/** A name by DNS's rules: labels of letters, digits and inner hyphens (underscores are met inside private networks). */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;

export function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`${JSON.stringify(text)} is not a port: give a number from 0 (any free port) to 65535`);
}

/** The address to listen on. */
export function readHost(text: string): string {
  return hostOf(text) ?? refuseHost(text, 'give an IP address or a host name to listen on, like 127.0.0.1');
}

/** A name that requests may carry as their Host. */
export function readAllowedHost(text: string): string {
  return hostOf(text) ?? refuseHost(text, 'give a host name without scheme and port, like logs.example.org');
}

/** Whether listening there keeps the service on this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** An origin as browsers send it. `*` and `null` are no origins: both would let every web page in. */
export function readOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.origin === text) return text;
  const quoted = JSON.stringify(text);
  if (url !== undefined && url.origin !== 'null' && /^https?:$/.test(url.protocol))
    throw new UsageError(`${quoted} is not an origin: write ${url.origin}`);
  throw new UsageError(`${quoted} is not an origin: name each page's scheme and host, like https://app.example.org`);
}

function hostOf(text: string): string | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isIP(bare) !== 0) return bare;
  const looksLikeAddress = /^[\d.]+$/.test(bare);
  return HOST_NAME.test(bare) && !looksLikeAddress ? bare : undefined;
}

function refuseHost(text: string, advice: string): never {
  throw new UsageError(`${JSON.stringify(text)} is not a host: ${advice}`);
}
