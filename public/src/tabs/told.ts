import { parseJson } from '../connection/protocol.ts';

/** What the service tells of several feeds, as far as the connection for all tabs needs it. */
export interface Told {
  readonly feed?: string;
  /** Of `feed`: the place from which it goes on. */
  readonly id?: string;
  readonly feeds?: readonly { readonly feed?: unknown; readonly id?: unknown; readonly start?: unknown }[];
  readonly connection?: string;
  readonly start?: string;
  readonly of?: string;
  readonly data?: unknown;
  readonly retry?: unknown;
}

export function parseTold(data: string): Told {
  const value = parseJson(data);
  return typeof value === 'object' && value !== null ? value : {};
}
