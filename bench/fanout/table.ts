import { median } from '../quantiles.ts';
import type { Phase } from './phase.ts';

/** A case in one round: figures in columns. */
export interface Table<Figures = Readonly<Record<string, number>>> {
  /** Its name, then `: ` and what it is. */
  readonly title: string;
  readonly rows: Rows;
  readonly columns: Readonly<Record<string, Figures | object>>;
}

export type Rows = readonly (readonly [key: string, label: string])[];

export const PHASE_ROWS: readonly [keyof Phase, string][] = [
  ['eventsPerSecond', 'events/s published'],
  ['deliveriesPerSecond', 'deliveries/s'],
  ['deliveriesPerCpuSecond', 'deliveries/CPU-second'],
  ['p50', 'publish → read p50, ms'],
  ['p99', 'p99, ms'],
  ['max', 'max, ms'],
  ['lost', 'lost'],
  ['doubled', 'doubled'],
  ['batch', 'events a read'],
  ['serverCpuPercent', 'server CPU, %'],
  ['serverWaitedPercent', 'server waited for core, %'],
  ['readersCpuPercent', 'readers CPU, %'],
  ['lateP99', 'publisher late p99, ms'],
  ['serverMib', 'server RSS, MiB'],
];

const COMPARED: readonly (keyof Phase)[] = ['deliveriesPerCpuSecond', 'p50', 'p99', 'max'];

/** Ours and theirs, and how many times theirs is ours: of what counts. */
export function compareWithNchan(title: string, ours: Phase, theirs: Phase): Table {
  const ratio = Object.fromEntries(COMPARED.map((key) => [key, ours[key] / theirs[key]]));
  return { title, rows: PHASE_ROWS, columns: { livefeed: ours, nchan: theirs, 'times nchan': ratio } };
}

/** Prints a case of which there are several rounds: median (least - most). */
export function print(rounds: readonly Table[]): void {
  const [first] = rounds;
  if (first === undefined) return;
  console.log(`\n${first.title}`);
  const names = [...new Set(rounds.flatMap(({ columns }) => Object.keys(columns)))];
  console.log(line('', names));
  for (const [key, label] of first.rows) {
    const cells = names.map((name) => cell(rounds.map(({ columns }) => figureOf(columns[name], key))));
    if (cells.some((text) => text !== '')) console.log(line(label, cells));
  }
}

function figureOf(figures: object | undefined, key: string): number {
  return Number((figures as Record<string, unknown> | undefined)?.[key] ?? Number.NaN);
}

function cell(values: readonly number[]): string {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return '';
  const range = known.length === 1 ? '' : ` (${shown(Math.min(...known))} - ${shown(Math.max(...known))})`;
  return `${shown(median(known))}${range}`;
}

function line(label: string, cells: readonly string[]): string {
  return `  ${label.padEnd(26)}${cells.map((text) => text.padStart(27)).join('')}`;
}

function shown(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1);
}
