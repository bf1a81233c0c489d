import type { IncomingHttpHeaders } from 'node:http';
import type { ParsedUrlQuery } from 'node:querystring';
import { Problem } from '../problem/problem.ts';
import type { PublishCondition } from '../source/publish-condition.ts';
import { checkedType } from '../source/publish-event.ts';

/** What a body is: one event of text or JSON, or events without end. */
export type PublishForm = 'text' | 'json' | 'ndjson' | 'sse' | 'lines';

/** What a request to publish asks for, checked. */
export interface PublishRequest {
  readonly form: PublishForm;
  /** The type of events that have none of their own. */
  readonly type: string | undefined;
  readonly key: string | undefined;
  readonly condition: PublishCondition;
  /** Whether each event of a stream is acknowledged, or the last of those that were kept together. */
  readonly ack: 'each' | 'last';
}

const FORMS: ReadonlyMap<string, PublishForm> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['text/event-stream', 'sse'],
]);
const FORM_NAMES: readonly PublishForm[] = ['text', 'json', 'ndjson', 'sse', 'lines'];
/** What no text has: a form of several parts is no text of somebody's, and the rest would seldom get past the check for UTF-8. */
const NO_TEXT = /^(multipart|image|audio|video|font)\//;
const UTF8 = new Set(['utf-8', 'utf8', 'us-ascii']);
const MAX_KEY_LENGTH = 200;

/** Reads a request. Throws Problem for what is there and cannot be meant. */
export function readPublishRequest(headers: IncomingHttpHeaders, query: ParsedUrlQuery): PublishRequest {
  refuseEncoded(headers['content-encoding']);
  return {
    form: readForm(headers['content-type'], parameterOf(query, 'format')),
    type: checkedType(parameterOf(query, 'type')),
    key: readKey(oneHeader(headers, 'idempotency-key')),
    condition: { ifMatch: readTags(headers['if-match']), isNew: readNew(headers['if-none-match']) },
    ack: readAck(parameterOf(query, 'ack')),
  };
}

/** `?format=` wins over Content-Type, which `curl -T -` does not send. */
function readForm(contentType: string | undefined, format: string | undefined): PublishForm {
  const [mediaType = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  refuseCharset(parameters);
  if (format !== undefined) {
    const form = FORM_NAMES.find((name) => name === format);
    if (form === undefined) throw badParameter('format', FORM_NAMES.join(', '));
    return form;
  }
  if (NO_TEXT.test(mediaType)) throw unsupported(`A body of ${mediaType.slice(0, 100)} is not text.`);
  return FORMS.get(mediaType) ?? (mediaType.endsWith('+json') ? 'json' : 'text');
}

function refuseCharset(parameters: readonly string[]): void {
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset === undefined || UTF8.has(charset.replace(/^"(.*)"$/, '$1'))) return;
  throw unsupported(`The charset ${charset.slice(0, 100)} is not read: send UTF-8.`);
}

function refuseEncoded(encoding: string | undefined): void {
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return;
  const detail = `The Content-Encoding ${encoding.slice(0, 100)} is not read: send the body as it is.`;
  throw new Problem('unsupported-body', { detail, headers: { 'Accept-Encoding': 'identity' } });
}

function unsupported(detail: string): Problem {
  return new Problem('unsupported-body', { detail, headers: { 'Accept-Post': `text/*, ${[...FORMS.keys()].join(', ')}` } });
}

/** As draft-ietf-httpapi-idempotency-key-header §2.1 writes it, in double quotes, or without them. */
function readKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/.exec(header)?.[1]?.replace(/\\(.)/g, '$1');
  const key = quoted ?? (/^[!#-+\--~]+$/.test(header) ? header : '');
  if (key !== '' && key.length <= MAX_KEY_LENGTH) return key;
  throw badHeader('Idempotency-Key', `1 to ${MAX_KEY_LENGTH} characters of ASCII, best in double quotes, once`);
}

/** The cursors that entity tags name. A weak tag never matches (RFC 9110 §13.1.1), so it stands for none. */
function readTags(header: string | undefined): PublishCondition['ifMatch'] {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  if (!/^\s*(W\/)?"[^"]*"(\s*,\s*(W\/)?"[^"]*")*\s*$/.test(header)) throw badHeader('If-Match', '* or a cursor in double quotes');
  return [...header.matchAll(/(W\/)?"([^"]*)"/g)].filter(([, weak]) => weak === undefined).map(([, , tag]) => tag ?? '');
}

function readNew(header: string | undefined): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  throw badHeader('If-None-Match', '*, which publishes only into a new feed');
}

function readAck(ack: string | undefined): 'each' | 'last' {
  if (ack === undefined || ack === 'each') return 'each';
  if (ack === 'last') return 'last';
  throw badParameter('ack', 'each, last');
}

function oneHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function parameterOf(query: ParsedUrlQuery, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw badParameter(name, 'one value, not several');
}

function badParameter(parameter: string, wanted: string): Problem {
  return new Problem('bad-parameter', { detail: `${parameter} must be one of: ${wanted}.`, members: { parameter } });
}

function badHeader(header: string, wanted: string): Problem {
  return new Problem('bad-request', { detail: `${header} must be ${wanted}.`, members: { header } });
}
