import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Scope, startChild } from '../../test/e2e/child.ts';

/** What a group of readers has counted since `measure`. Latencies in ms, from just before the write of an event to its read. */
export interface Seen {
  readonly readers: number;
  /** Those that the server has let go. */
  readonly ended: number;
  readonly expected: number;
  readonly received: number;
  readonly distinct: number;
  readonly doubled: number;
  readonly reads: number;
  readonly bytes: number;
  readonly gaps: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Report {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly groups: readonly (Seen | null)[];
}

export interface Crowd {
  readonly group?: number;
  readonly count: number;
  readonly port: number;
  /** `%d` is the number of the reader's feed. */
  readonly path: string;
  readonly feeds?: number;
  readonly spreadMs?: number;
  readonly lastId?: string;
}

const SOURCES = 8;
const OPEN_DEADLINE_MS = 60_000;
/** A look costs the readers nothing worth naming. */
const LOOK_MS = 50;

/** The process that reads: thousands of connections in groups (readers.c). */
export class Readers {
  readonly #child: ChildProcess;
  /** By the number of the command: one that takes its time is answered behind later ones. */
  readonly #answers = new Map<number, (text: string) => void>();
  #commands = 0;

  constructor(scope: Scope, program: string) {
    this.#child = startChild(scope, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout === null) throw new Error('no standard output');
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
  }

  /** Resolves when all have the head of their answer. Rejects where one was refused or let go. */
  async open({ group = 0, count, port, path, feeds = 1, spreadMs = 0, lastId = '' }: Crowd): Promise<{ seconds: number }> {
    const command = `open ${group} ${count} ${spreadMs} ${SOURCES} ${feeds} ${port} ${path} ${lastId}`;
    const opened = await this.#ask<{ failed: number; seconds: number }>(command, OPEN_DEADLINE_MS + spreadMs);
    if (opened.failed > 0) throw new Error(`${opened.failed} of ${count} readers were let go while they came`);
    return opened;
  }

  async measure(run: number, events: number): Promise<void> {
    await this.#ask(`measure ${run} ${events}`);
  }

  report(published: number): Promise<Report> {
    return this.#ask(`report ${published}`);
  }

  /** The report once everything has come to `group`, or `deadlineMs` is over, or nothing comes any more for two seconds. */
  async settled(published: number, deadlineMs: number, group = 0): Promise<Report> {
    const until = performance.now() + deadlineMs;
    let last = -1;
    let quietFrom = performance.now();
    while (true) {
      const report = await this.report(published);
      const seen = report.groups[group];
      if (seen === null || seen === undefined) throw new Error(`there is no group ${group}`);
      if (seen.received !== last) quietFrom = performance.now();
      last = seen.received;
      const now = performance.now();
      if (seen.distinct >= seen.expected || now > until || now - quietFrom > 2_000) return report;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async tell(command: 'gaps' | 'stall' | 'resume' | 'close', group = 0): Promise<void> {
    await this.#ask(`${command} ${group}`);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin?.end();
    await ended;
  }

  #take(line: string): void {
    const space = line.indexOf(' ');
    const number = Number(line.slice(0, space));
    this.#answers.get(number)?.(line.slice(space + 1));
    this.#answers.delete(number);
  }

  async #ask<Answer>(command: string, deadlineMs = 30_000): Promise<Answer> {
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the readers do not answer: ${command}`)), deadlineMs);
      const died = () => reject(new Error(`the readers have ended: ${command}`));
      this.#child.once('exit', died);
      this.#commands += 1;
      this.#answers.set(this.#commands, (text) => {
        clearTimeout(timer);
        this.#child.off('exit', died);
        resolve(text);
      });
      this.#child.stdin?.write(`${this.#commands} ${command}\n`);
    });
    return JSON.parse(line) as Answer;
  }
}
