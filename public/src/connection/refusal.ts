import { parseJson } from './protocol.ts';

/** A problem document (RFC 9457) as far as the page shows it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** Feeds whose names are near, where the problem names any. */
  readonly near: readonly string[];
}

const LOOK_MS = 5_000;

/** EventSource does not say why it was refused, so this asks again and looks. Undefined where there is no refusal to be had. */
export async function findRefusal(url: string): Promise<Refusal | undefined> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LOOK_MS);
  try {
    const response = await fetch(url, { headers: { Accept: 'text/event-stream' }, signal: abort.signal });
    return response.status >= 400 && response.status < 500 ? parseRefusal(response.status, await response.text()) : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

export function parseRefusal(status: number, body: string): Refusal {
  const value = (parseJson(body) ?? {}) as Record<string, unknown>;
  const text = (member: unknown, otherwise: string) => (typeof member === 'string' ? member : otherwise);
  return {
    status,
    code: text(value.code, 'unknown'),
    title: text(value.title, `The service answered ${status}`),
    detail: text(value.detail, ''),
    near: Array.isArray(value.near) ? value.near.filter((name) => typeof name === 'string') : [],
  };
}
