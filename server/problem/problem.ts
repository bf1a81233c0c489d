import { catalogue, type ProblemCode } from './catalogue.ts';

export interface ProblemOptions {
  /** What happened here, in a sentence: what, where, what to do. */
  readonly detail: string;
  /** Extension members of the document (RFC 9457 §3.2): near names, limits, positions. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** The one error that may reach a client: a problem document of RFC 9457 with a code from the catalogue. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, options: ProblemOptions) {
    super(options.detail, { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.status = catalogue[code].status;
    this.title = catalogue[code].title;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }

  /** The document's members; `type` is a path on this service, so that it resolves without another host (RFC 9457 §3.1.1). */
  toJSON(): Record<string, unknown> {
    return {
      ...this.members,
      type: `/problems/${this.code}`,
      title: this.title,
      status: this.status,
      detail: this.message,
      code: this.code,
    };
  }
}
