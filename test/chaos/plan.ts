import { Seeded } from '../e2e/seed.ts';

/** One thing that a writer does. Numbers of lines; times in ms. */
export type Step =
  | { readonly do: 'append'; readonly lines: number; readonly how: 'at once' | 'line by line' | 'torn' }
  | { readonly do: 'flood'; readonly lines: number }
  | { readonly do: 'pause'; readonly ms: number }
  /** The service is killed: the next step is done while it is down. */
  | { readonly do: 'await down' }
  /** `late`: lines to the old file between the rename and the new file. */
  | { readonly do: 'rotate'; readonly late: number; readonly unfinished: 'no' | 'finished later' | 'never finished' }
  | { readonly do: 'rotate twice'; readonly lines: number }
  | { readonly do: 'late'; readonly lines: number }
  | { readonly do: 'zip' }
  | { readonly do: 'repoint' }
  | { readonly do: 'copytruncate'; readonly underLoad: number }
  | { readonly do: 'truncate' }
  | { readonly do: 'regrow' }
  /** As long as before. `sameEnd`: and with the same last line. */
  | { readonly do: 'rewrite'; readonly inPlace: boolean; readonly sameEnd: boolean }
  | { readonly do: 'delete'; readonly ms: number }
  | { readonly do: 'replace'; readonly lines: number }
  | { readonly do: 'expire' };

/** How rotated files are called, or that the path is a link which is pointed to another file (named alike or not). */
export type Naming = (typeof NAMINGS)[number];

const NAMINGS = [
  /** `app.log.1`, as logrotate does; the commonest, so twice here. */
  'number behind',
  'number behind',
  /** `app.log-20261101`, logrotate's dateext. */
  'date behind',
  /** `app.1.log` */
  'number before',
  /** `app-2026-11-01.log` */
  'date before',
  /** `@4000000067....s` beside `current`, as svlogd and multilog do. */
  'time stamp',
  /** `app.log` is a link to `app-2026-11-01.log`. */
  'link',
  /** `current.log` is a link to `app-2026-11-01.log`. */
  'link of another name',
] as const;

export interface Break {
  readonly afterMs: number;
  readonly kind: 'cut' | 'stall';
  readonly forMs: number;
}

export interface ReaderPlan {
  readonly by: 'sse' | 'ndjson' | 'eventsource';
  readonly breaks: readonly Break[];
}

/** Everything that a seed decides. */
export interface Plan {
  readonly seed: number;
  readonly naming: Naming;
  /** Every file begins with the same kilobyte. */
  readonly hasBanner: boolean;
  /** How many lines of ten end with CRLF. */
  readonly crlfOfTen: number;
  readonly isDestroying: boolean;
  readonly steps: readonly Step[];
  readonly readers: readonly ReaderPlan[];
  /** How many lines it ends with, one a millisecond: many are more than a watch is kept for. */
  readonly lastLines: number;
}

const STEPS = 22;
/** Breaks of readers fall into this time. */
const BUSY_MS = 4_000;

export function planOf(seed: number): Plan {
  const random = new Seeded(seed);
  const isDestroying = random.next() < 0.3;
  const naming = random.one<Naming>(NAMINGS);
  const hasBanner = random.next() < 0.25;
  return {
    seed,
    naming,
    isDestroying,
    hasBanner,
    crlfOfTen: random.one([0, 0, 1, 5, 10]),
    steps: stepsOf(random, naming, isDestroying).map((step) => (hasBanner ? withoutSameEnd(step) : step)),
    readers: Array.from({ length: random.whole(1, 3) }, () => readerOf(random)),
    lastLines: random.one([1, 30, 600]),
  };
}

/** What has the length, the first kilobyte and the last 64 bytes of before is, to a cursor, what it was (docs/decisions/0004). */
function withoutSameEnd(step: Step): Step {
  return step.do === 'rewrite' ? { ...step, sameEnd: false } : step;
}

export function isLink(naming: Naming): boolean {
  return naming === 'link' || naming === 'link of another name';
}

/** What readers read, below the schedule's folder. */
export function pathName({ naming }: Pick<Plan, 'naming'>): string {
  return naming === 'time stamp' ? 'current' : naming === 'link of another name' ? 'current.log' : 'app.log';
}

function stepsOf(random: Seeded, naming: Naming, isDestroying: boolean): Step[] {
  const steps: Step[] = [appendOf(random)];
  while (steps.length < STEPS) {
    if (random.next() < 0.12) steps.push({ do: 'await down' });
    steps.push(...faultOf(random, naming, isDestroying));
    if (random.next() < 0.7) steps.push(appendOf(random));
    if (random.next() < 0.3) steps.push({ do: 'pause', ms: random.one([1, 20, 150, 300, 600]) });
  }
  return steps;
}

function appendOf(random: Seeded): Step {
  if (random.next() < 0.01) return { do: 'flood', lines: 60 };
  const how = random.one(['at once', 'line by line', 'torn'] as const);
  const most = { 'at once': 120, 'line by line': 25, torn: 15 }[how];
  return { do: 'append', how, lines: random.whole(1, most) };
}

function faultOf(random: Seeded, naming: Naming, isDestroying: boolean): Step[] {
  if (isDestroying && random.next() < 0.6) return destroyingFault(random, naming);
  if (isLink(naming)) return random.next() < 0.5 ? [{ do: 'repoint' }] : [appendOf(random)];
  switch (random.whole(0, 5)) {
    case 0:
    case 1:
      return [{ do: 'rotate', late: random.one([0, 0, 0, 3, 20]), unfinished: unfinishedOf(random) }];
    case 2:
      return [{ do: 'rotate', late: 0, unfinished: 'no' }, appendOf(random), { do: 'late', lines: random.whole(1, 5) }];
    case 3:
      return [{ do: 'rotate twice', lines: random.whole(1, 5) }];
    case 4:
      return [{ do: 'zip' }];
    default:
      return [appendOf(random)];
  }
}

function unfinishedOf(random: Seeded): 'no' | 'finished later' | 'never finished' {
  const lot = random.next();
  return lot < 0.02 ? 'never finished' : lot < 0.15 ? 'finished later' : 'no';
}

function destroyingFault(random: Seeded, naming: Naming): Step[] {
  const faults: [Step, ...Step[]] = [
    { do: 'truncate' },
    { do: 'regrow' },
    { do: 'rewrite', inPlace: random.next() < 0.5, sameEnd: random.next() < 0.3 },
    { do: 'delete', ms: random.one([0, 5, 100, 1_200]) },
    { do: 'replace', lines: random.whole(1, 10) },
  ];
  if (!isLink(naming)) faults.push({ do: 'copytruncate', underLoad: random.one([0, 0, 5]) }, { do: 'expire' });
  return [random.one(faults)];
}

function readerOf(random: Seeded): ReaderPlan {
  const by = random.one(['sse', 'sse', 'ndjson', 'eventsource'] as const);
  if (by === 'eventsource') return { by, breaks: [] };
  const breaks = Array.from({ length: random.whole(0, 5) }, (): Break => {
    const kind = random.one(['cut', 'cut', 'stall'] as const);
    return { kind, afterMs: random.whole(0, BUSY_MS), forMs: random.one([0, 5, 50, 300, 1_500]) };
  });
  return { by, breaks: breaks.toSorted((a, b) => a.afterMs - b.afterMs) };
}
