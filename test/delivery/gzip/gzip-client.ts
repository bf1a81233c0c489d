import type { TestContext } from 'node:test';
import { constants, gunzipSync } from 'node:zlib';
import { get, RawClient } from '../feed-server.ts';

export const GZIP = { 'Accept-Encoding': 'gzip' };

/** A client that is nothing but a socket, and what it makes of gzip. */
export class GzipClient {
  readonly raw: RawClient;
  #read = { received: 0, text: '' };

  static async open(context: TestContext, port: number, path: string, headers: Readonly<Record<string, string>> = {}) {
    return new GzipClient(await RawClient.open(context, port, get(path, { ...GZIP, ...headers })));
  }

  private constructor(raw: RawClient) {
    this.raw = raw;
  }

  get head(): string {
    return this.raw.text.split('\r\n\r\n')[0] ?? '';
  }

  /** What can be read of it so far, without its end. Tests ask again and again. */
  get text(): string {
    const received = this.raw.text.length;
    if (this.#read.received !== received) this.#read = { received, text: this.#unzipped() };
    return this.#read.text;
  }

  #unzipped(): string {
    const { bytes } = this.raw.bodyBytes;
    return bytes.length === 0 ? '' : gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  }

  get isWhole(): boolean {
    return this.raw.text.endsWith('0\r\n\r\n') && this.raw.bodyBytes.isWhole;
  }

  /** All of it. Throws where the stream has no end, or its checksum or length is not that of what came. */
  get whole(): string {
    return gunzipSync(this.raw.bodyBytes.bytes).toString();
  }
}
