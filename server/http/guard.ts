import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { Problem } from '../problem/problem.ts';
import { hostName, ownHosts } from './own-host.ts';

export interface GuardOptions {
  /** Names besides the loopback ones under which the service may be asked. */
  readonly allowHosts: readonly string[];
  /** Origins whose pages may ask: `https://status.example`. */
  readonly cors: readonly string[];
  /** The address that the service listens on. */
  readonly host: string;
}

/** What of a request decides whether it is let in. */
export interface Asking {
  readonly method: string;
  readonly target: string;
  readonly scheme: 'http' | 'https';
  /** Every Host header there is. */
  readonly hosts: readonly string[];
  readonly origin?: string | undefined;
  readonly referer?: string | undefined;
  readonly fetchSite?: string | undefined;
  readonly fetchMode?: string | undefined;
  readonly fetchDest?: string | undefined;
}

/** `origin` is there where CORS applies: a page of another origin that may ask. */
export type Decision =
  | { readonly allowed: true; readonly origin?: string }
  | { readonly allowed: false; readonly code: 'foreign-host' | 'foreign-origin'; readonly detail: string };

/** Lets a request in, with the headers that every answer has, or says why not. */
export type Gate = (
  request: IncomingMessage & { readonly originalUrl?: string },
  response: ServerResponse,
) => Problem | undefined;

/** What pages of an allowed origin may do: read, publish, and change what their connections read. PUT and DELETE are for our own. */
const SHARED_METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PATCH'];

/** Refuses what a web page of another site makes a browser ask (P7). It stands before everything else. */
export function gate(options: GuardOptions): Gate {
  const decide = decider(options);
  return (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    if (options.cors.length > 0) response.setHeader('Vary', 'Origin');
    const decision = decide(askingOf(request));
    if (!decision.allowed) return new Problem(decision.code, { detail: decision.detail });
    if (decision.origin !== undefined) allowOrigin(response, decision.origin);
    return undefined;
  };
}

/** The gate for Express, with the answer to preflights. */
export function guard(options: GuardOptions): RequestHandler {
  const letIn = gate(options);
  return (request, response, next) => {
    const problem = letIn(request, response);
    if (problem !== undefined) next(problem);
    else if (isPreflight(request) && response.hasHeader('Access-Control-Allow-Origin')) answerPreflight(request, response);
    else next();
  };
}

export function decider(options: GuardOptions): (asking: Asking) => Decision {
  const isOwnHost = ownHosts(options.allowHosts, options.host);
  const allowedOrigins = new Set(options.cors);
  return (asking) => {
    const { origin } = asking;
    const host = asking.hosts.length === 1 ? asking.hosts[0] : undefined;
    const name = host === undefined ? undefined : hostName(host);
    if (host === undefined || name === undefined)
      return refuse('foreign-host', 'A request needs exactly one well-formed Host header.');
    if (!asking.target.startsWith('/')) return refuse('foreign-host', 'The request target must be a path.');
    if (!isOwnHost(name)) return refuse('foreign-host', unknownHost(name));
    const isShared = origin !== undefined && allowedOrigins.has(origin);
    if (isShared && (asking.method === 'OPTIONS' || SHARED_METHODS.includes(asking.method))) return { allowed: true, origin };
    if (isOpeningThePage(asking) || !isFromElsewhere(asking, host)) return { allowed: true };
    if (isShared) return refuse('foreign-origin', `Pages of ${origin} may read and publish, not ${asking.method.slice(0, 20)}.`);
    return refuse('foreign-origin', foreignPage(origin, host));
  };
}

function unknownHost(name: string): string {
  const short = name.slice(0, 100);
  return `This service does not know that it is ${short}: --allow-host ${short} tells it.`;
}

/** Behind a proxy that puts its own Host in the place of the browser's, our own page looks foreign. */
function foreignPage(origin: string | undefined, host: string): string {
  const page = `A page of ${origin?.slice(0, 100) ?? 'another site'} asked ${host.slice(0, 100)}.`;
  return `${page} If it is our own behind a proxy, that has to pass the Host header on; --cors lets pages of others in.`;
}

function refuse(code: 'foreign-host' | 'foreign-origin', detail: string): Decision {
  return { allowed: false, code, detail };
}

/** A link to the page may stand anywhere: following it shows the page to a person, and tells the linking page nothing. */
function isOpeningThePage(asking: Asking): boolean {
  const isNavigation = asking.fetchMode === 'navigate' && asking.fetchDest === 'document' && asking.origin === undefined;
  return isNavigation && asking.method === 'GET' && (asking.target === '/' || asking.target.startsWith('/?'));
}

/**
 * Browsers send Sec-Fetch-Site with every request to loopback or https, and Origin with every POST and CORS request; a page cannot
 * forge either. `same-site` is foreign: it is another port of localhost. Over plain http to another address only Referer is left.
 */
function isFromElsewhere(asking: Asking, host: string): boolean {
  const { origin, fetchSite, referer } = asking;
  if (origin === undefined && fetchSite === undefined && referer === undefined) return false;
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') return true;
  const own = [originOf(`${asking.scheme}://${host}`)];
  // Behind a proxy that ends TLS the page's scheme is https and ours is http: the browser itself says that they are the same.
  if (fetchSite === 'same-origin') own.push(originOf(`https://${host}`));
  if (origin !== undefined) return !own.includes(originOf(origin));
  return fetchSite === undefined && referer !== undefined && !own.includes(originOf(referer));
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : `malformed ${url}`;
}

function askingOf(request: IncomingMessage & { readonly originalUrl?: string }): Asking {
  const { headers } = request;
  return {
    method: request.method ?? '',
    target: request.originalUrl ?? request.url ?? '',
    scheme: 'encrypted' in request.socket ? 'https' : 'http',
    hosts: request.headersDistinct.host ?? [],
    origin: headers.origin,
    referer: headers.referer,
    fetchSite: oneOf(headers['sec-fetch-site']),
    fetchMode: oneOf(headers['sec-fetch-mode']),
    fetchDest: oneOf(headers['sec-fetch-dest']),
  };
}

/** Node joins repeated headers with commas: what comes twice is no value that we know, and so is foreign. */
function oneOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join() : header;
}

function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', 'Content-Disposition, Content-Range, ETag, Location, Retry-After');
}

function isPreflight(request: IncomingMessage): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
}

function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Methods', SHARED_METHODS.join(', '));
  response.setHeader('Access-Control-Allow-Headers', 'Last-Event-ID, Content-Type, Idempotency-Key, If-Match, If-None-Match');
  response.setHeader('Access-Control-Max-Age', '600');
  // A public page that asks a private address must be let in by name as well (wicg.github.io/private-network-access).
  if (request.headers['access-control-request-private-network'] === 'true') {
    response.setHeader('Access-Control-Allow-Private-Network', 'true');
  }
  response.statusCode = 204;
  response.end();
}
