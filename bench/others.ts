import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in these ticks a second. */
const TICKS_A_SECOND = 100;

/** Of one core, in percent, what is not of this bench; NaN where there is no /proc. */
export interface Others {
  /** Processes that neither are nor were started by this one, and the kernel. */
  readonly othersPercent: number;
  /** The machine that this one is a guest of. */
  readonly stolenPercent: number;
}

/** Begins to watch who else has the cores. A frame that is long because of them says nothing of the page. */
export function watchOthers(): { end(): Others } {
  const startedAt = performance.now();
  const before = ticks();
  return {
    end() {
      const seconds = (performance.now() - startedAt) / 1_000;
      const after = ticks();
      const percent = (amount: number) => (amount / TICKS_A_SECOND / seconds) * 100;
      const others = after.busy - before.busy - (after.own - before.own);
      return { othersPercent: percent(Math.max(0, others)), stolenPercent: percent(after.stolen - before.stolen) };
    },
  };
}

function ticks(): { busy: number; stolen: number; own: number } {
  const [user = Number.NaN, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = read('/proc/stat')
    .split('\n', 1)
    .flatMap((line) => line.trim().split(/\s+/).slice(1).map(Number));
  return { busy: user + nice + system + irq + softirq, stolen, own: ownTicks() };
}

/** Of this process and all that it has started, also those that have ended. */
function ownTicks(): number {
  const all = new Map<number, { parent: number; used: number }>();
  for (const name of list('/proc')) {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : '';
    // The name, in brackets, may hold spaces. Behind it: state, parent, and 11th to 14th utime, stime and those of ended children.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const used = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    if (stat !== '') all.set(Number(name), { parent: fields[1] ?? 0, used });
  }
  const isOwn = (pid: number): boolean => pid === process.pid || (pid > 1 && isOwn(all.get(pid)?.parent ?? 0));
  return [...all].reduce((sum, [pid, { used }]) => sum + (isOwn(pid) ? used : 0), 0);
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
