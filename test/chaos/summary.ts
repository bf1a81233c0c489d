import type { Problem } from './check-follower.ts';
import type { RoundResult } from './round.ts';
import type { Verdict } from './verdict.ts';

const SHOWN_PROBLEMS = 4;

/** What came out of many rounds, for people. */
export class Summary {
  readonly failed: number[] = [];
  #seeds = 0;
  #withoutLoss = 0;
  #lines = 0;
  #readers = 0;
  readonly #faults = new Map<string, number>();
  readonly #gaps = new Map<string, number>();
  readonly #tolerated = new Map<string, number>();

  add({ verdicts }: RoundResult): void {
    for (const verdict of verdicts) this.#addVerdict(verdict);
  }

  /** What is wrong, a few lines a seed, and where the files and records of the round are. */
  problemsOf({ verdicts, folder, output }: RoundResult): string[] {
    const wrong = verdicts.filter(({ problems }) => problems.length > 0);
    if (wrong.length === 0) return [];
    const lines = wrong.flatMap(({ seed, problems }) => [`  seed ${seed} fails:`, ...problemLines(problems)]);
    return [
      ...lines,
      `  files and records: ${folder}`,
      ...output
        .trim()
        .split('\n')
        .slice(-3)
        .map((line) => `  service: ${line}`),
    ];
  }

  headline(): string {
    const { failed } = this;
    const verdict = failed.length === 0 ? 'nothing is wrong' : `${failed.length} FAIL: ${failed.join(' ')}`;
    return `${this.#seeds} seeds, ${this.#withoutLoss} of them without a fault that destroys lines: ${verdict}`;
  }

  text(): string {
    return [
      this.headline(),
      `${this.#lines} lines written, read by ${this.#readers} readers`,
      table('faults', this.#faults),
      table('gaps, by the fault beside them and the reason given', this.#gaps),
      table('seen, and as it must be', this.#tolerated),
    ].join('\n');
  }

  #addVerdict(verdict: Verdict): void {
    const { seed, lines, readers, faults, gaps, problems, isDestroying } = verdict;
    this.#seeds += 1;
    if (!isDestroying) this.#withoutLoss += 1;
    this.#lines += lines;
    this.#readers += readers;
    if (problems.length > 0) this.failed.push(seed);
    for (const [fault, count] of Object.entries(faults)) addTo(this.#faults, fault, count);
    for (const [gap, count] of Object.entries(gaps)) addTo(this.#gaps, gap, count);
    addTo(this.#tolerated, 'readers that began again at the oldest line, since their place was destroyed', verdict.begunAgain);
    addTo(this.#tolerated, 'lines passed over beside such a gap', verdict.skipped);
    addTo(this.#tolerated, 'late lines that came while their reader was away', verdict.lateUnannounced);
    addTo(this.#tolerated, 'lines destroyed before anybody could look at their file', verdict.neverLookedAt);
  }
}

function problemLines(problems: readonly Problem[]): string[] {
  const lines = problems.slice(0, SHOWN_PROBLEMS).map(({ who, kind, words }) => `    ${who}: ${kind}: ${words}`);
  return problems.length > SHOWN_PROBLEMS ? [...lines, `    and ${problems.length - SHOWN_PROBLEMS} more`] : lines;
}

function table(title: string, counts: ReadonlyMap<string, number>): string {
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${String(count).padStart(9)}  ${name}`);
  return [`${title}:`, ...(rows.length === 0 ? ['        none'] : rows)].join('\n');
}

function addTo(counts: Map<string, number>, name: string, count: number): void {
  if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
}
