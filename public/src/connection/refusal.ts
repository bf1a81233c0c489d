import { parseJson } from './protocol.ts';

/** A problem document (RFC 9457) as far as the page shows it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** Feeds whose names are near, where the problem names any. */
  readonly near: readonly string[];
  /** The feed that is meant, where the problem names one. */
  readonly feed?: string;
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
    ...(typeof value.feed === 'string' ? { feed: value.feed } : {}),
  };
}
