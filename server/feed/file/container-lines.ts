/** What container runtimes put around a line: Docker's json-file, and CRI (containerd, CRI-O, podman). */
export type Wrapping = 'docker' | 'cri';

/** A line as the container wrote it. */
export interface Unwrapped {
  readonly text: Buffer;
  /** Only the beginning or the middle of a line: the next part of the same stream goes on with it. */
  readonly isPart: boolean;
  readonly isError: boolean;
  /** Milliseconds since the epoch, by the runtime's clock. */
  readonly time: number;
}

const LF = 10;
const DOCKER_START = '{"log":"';
const DOCKER_KEYS = new Set(['log', 'stream', 'time', 'attrs']);
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
/** Time, stream and tags, of which the first says P (part) or F (full), before the text. */
const CRI_START = /^(\S{20,40}) (stdout|stderr) ([PF])(?::\S*)?(?: |$)/;
const CRI_START_BYTES = 128;

/** The wrapping of the lines of a file that begins with `head`; undefined where its first line is bare, or not complete. */
export function wrappingOf(head: Buffer): Wrapping | undefined {
  const lf = head.indexOf(LF);
  const first = lf < 0 ? head : head.subarray(0, lf);
  if (unwrapCri(first) !== undefined) return 'cri';
  // Of a line longer than the head only the beginning can be looked at: each line is judged for itself all the same.
  const isDocker = lf < 0 ? first.toString('latin1').startsWith(DOCKER_START) : unwrapDocker(first) !== undefined;
  return isDocker ? 'docker' : undefined;
}

/** What a line (without its LF) holds; undefined where it is not wrapped so. */
export function unwrap(line: Buffer, wrapping: Wrapping): Unwrapped | undefined {
  return wrapping === 'cri' ? unwrapCri(line) : unwrapDocker(line);
}

function unwrapCri(line: Buffer): Unwrapped | undefined {
  const found = CRI_START.exec(line.toString('latin1', 0, Math.min(line.length, CRI_START_BYTES)));
  if (found === null) return undefined;
  const [start, time, stream, tag] = found as unknown as [string, string, string, string];
  const ms = timeOf(time);
  return ms === undefined
    ? undefined
    : { text: line.subarray(start.length), isPart: tag === 'P', isError: stream === 'stderr', time: ms };
}

function unwrapDocker(line: Buffer): Unwrapped | undefined {
  if (line[0] !== 0x7b || line.toString('latin1', 0, DOCKER_START.length) !== DOCKER_START) return undefined;
  const entry = parseObject(line.toString('utf8'));
  if (entry === undefined || !Object.keys(entry).every((key) => DOCKER_KEYS.has(key))) return undefined;
  const { log, stream, time } = entry;
  if (typeof log !== 'string' || (stream !== 'stdout' && stream !== 'stderr') || typeof time !== 'string') return undefined;
  const ms = timeOf(time);
  if (ms === undefined) return undefined;
  const isPart = !log.endsWith('\n');
  return { text: Buffer.from(isPart ? log : log.slice(0, -1), 'utf8'), isPart, isError: stream === 'stderr', time: ms };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function timeOf(text: string): number | undefined {
  if (!RFC_3339.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
