import { basename } from 'node:path';
import { type Request, type Response, Router } from 'express';
import { type ByteRange, parseRange } from '../files/byte-range.ts';
import { attachment } from '../files/disposition.ts';
import { type OpenedFile, openBelow } from '../files/open-below.ts';
import { sendBytes } from '../files/send-bytes.ts';
import { evaluate, ifRangeHolds, type Validators, validatorsOf } from '../files/validators.ts';
import { Problem } from '../problem/problem.ts';
import { allowMethods } from './answer-problem.ts';

export interface DownloadOptions {
  /** A client that has not taken one byte for so long is cut off; it comes back with a Range. */
  readonly stallTimeoutMs?: number;
}

/** `GET /download/file/NAME`: a file below `root`, as an attachment that can be resumed. */
export function downloadRoute(root: string, { stallTimeoutMs = 600_000 }: DownloadOptions = {}): Router {
  const router = Router();
  router.use('/download/file', allowMethods('GET', 'HEAD'), async (request, response) => {
    const name = decodeName(request.path.slice(1));
    const opened = await openBelow(root, name);
    try {
      response.setTimeout(stallTimeoutMs, () => response.destroy());
      await answerFile(request, response, basename(name), opened);
    } finally {
      await opened.handle.close();
    }
  });
  return router;
}

/** Decoded here, once. What comes out is only judged by openBelow. */
function decodeName(encoded: string): string {
  if (encoded === '') throw new Problem('bad-file-name', { detail: 'The address ends where the name of a file should stand.' });
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new Problem('bad-file-name', { detail: 'The name in the address is not percent-encoded UTF-8.', cause });
  }
}

async function answerFile(request: Request, response: Response, name: string, { handle, stat }: OpenedFile): Promise<void> {
  const size = Number(stat.size);
  const validators = validatorsOf(stat);
  setFileHeaders(response, validators);
  if (isNotModified(request, validators)) return void response.status(304).end();
  const range = rangeOf(request, size, validators);
  setBodyHeaders(response, name, size, range);
  if (request.method === 'GET') await sendFile(response, handle, range ?? { start: 0, end: size });
  else response.end();
}

function setFileHeaders(response: Response, { etag, lastModifiedMs }: Validators): void {
  response.setHeader('ETag', etag);
  // A date in the future may not be told (RFC 9110 §8.8.2.1).
  if (lastModifiedMs <= Date.now()) response.setHeader('Last-Modified', new Date(lastModifiedMs).toUTCString());
  response.setHeader('Cache-Control', 'private, no-cache, no-transform');
  response.setHeader('X-Content-Type-Options', 'nosniff');
}

function isNotModified({ headers }: Request, validators: Validators): boolean {
  const conditions = {
    ifMatch: headers['if-match'],
    ifUnmodifiedSince: headers['if-unmodified-since'],
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
  };
  const outcome = evaluate(conditions, validators);
  if (outcome === 'failed') throw new Problem('precondition-failed', { detail: 'The file has changed since.' });
  return outcome === 'not-modified';
}

/** Undefined: the whole file. Range says something of GET only (RFC 9110 §14.2). */
function rangeOf({ method, headers }: Request, size: number, validators: Validators): ByteRange | undefined {
  if (method !== 'GET' || headers.range === undefined || !ifRangeHolds(oneValue(headers['if-range']), validators))
    return undefined;
  const range = parseRange(headers.range, size);
  if (range !== 'unsatisfiable') return range;
  throw new Problem('range-not-satisfiable', {
    detail: `The file has ${size} bytes.`,
    headers: { 'Content-Range': `bytes */${size}` },
  });
}

function oneValue(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join() : header;
}

function setBodyHeaders(response: Response, name: string, size: number, range: ByteRange | undefined): void {
  const { start, end } = range ?? { start: 0, end: size };
  response.statusCode = range === undefined ? 200 : 206;
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${size}`);
  response.setHeader('Content-Length', end - start);
  response.setHeader('Accept-Ranges', 'bytes');
  // Saved, never shown: a file that somebody uploaded must not run as a page of ours.
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Content-Disposition', attachment(name));
  response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
}

/** A client that goes away has ended the operation, which is no error; a file that shrinks is, and cuts the answer. */
async function sendFile(response: Response, handle: OpenedFile['handle'], range: ByteRange): Promise<void> {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  try {
    await sendBytes(handle, range, response, closed.signal);
    response.end();
  } catch (error) {
    if (!closed.signal.aborted) throw error;
  }
}
