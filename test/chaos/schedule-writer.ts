import { closeSync, copyFileSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { Seeded } from '../e2e/seed.ts';
import { ActiveFile, now } from './active-file.ts';
import { LineMaker } from './line-maker.ts';
import { Parts } from './parts.ts';
import { isLink, type Plan, pathName, type Step } from './plan.ts';
import type { WriterEntry } from './record.ts';
import type { ServiceTurns } from './service-turns.ts';

/** Does what one plan says to one file, and writes down what it did. */
export class ScheduleWriter {
  readonly record: WriterEntry[] = [];
  readonly #plan: Plan;
  readonly #folder: string;
  readonly #turns: ServiceTurns;
  readonly #random: Seeded;
  readonly #maker: LineMaker;
  readonly #parts: Parts;
  /** What readers read; where it is a link, `#target` is what it points to. */
  readonly #path: string;
  #target: string;
  #active: ActiveFile;
  /** The one that was renamed last: its writer may still have it open. */
  #left: ActiveFile | undefined;
  readonly #linesOf = new Map<number, number[]>();

  constructor(plan: Plan, folder: string, turns: ServiceTurns) {
    this.#plan = plan;
    this.#folder = folder;
    this.#turns = turns;
    this.#random = new Seeded(plan.seed + 0x5eed);
    this.#maker = new LineMaker(this.#random, plan.crlfOfTen);
    this.#parts = new Parts(folder, plan.naming);
    this.#path = join(folder, pathName(plan));
    this.#target = this.#path;
    mkdirSync(folder, { recursive: true });
    if (isLink(plan.naming)) this.#pointTo(0);
    this.#active = this.#open(0);
    for (const { hash } of [this.#maker.banner, this.#maker.footer]) this.record.push({ what: 'banner', hash });
    // No reader comes to an empty file: a place with nothing before it could not be found again.
    this.#active.append(this.#maker.lines(1));
    turns.onTurn((what) => this.record.push({ what, at: now() }));
  }

  async run(): Promise<void> {
    for (const step of this.#plan.steps) await this.#do(step);
  }

  /** A line a millisecond: the last comes while somebody looks at those before it, and nothing wakes anybody after it. */
  async end(): Promise<void> {
    const lines = this.#maker.lines(this.#plan.lastLines);
    const startedAt = performance.now();
    for (const [index, line] of lines.entries()) {
      this.#active.append([line]);
      // Where this process was held up it catches up, in turn with the others: each write of its own wakes.
      await (performance.now() - startedAt < index ? delay(1) : setImmediate());
    }
    const last = lines.at(-1);
    if (last === undefined) return;
    this.record.push({ what: 'end', at: now(), lastHash: last.hash });
  }

  #do(step: Step): Promise<void> | void {
    switch (step.do) {
      case 'append':
        return this.#append(step);
      case 'flood':
        this.#active.fault('flood');
        return this.#active.append(this.#maker.long(step.lines, 120_000));
      case 'pause':
        return delay(step.ms);
      case 'await down':
        return this.#turns.down();
      case 'rotate':
        return this.#rotate(step);
      case 'rotate twice':
        return this.#rotateTwice(step.lines);
      case 'late':
        return this.#writeLate(step.lines);
      case 'zip':
        this.#active.fault('zip');
        return this.#parts.zip();
      case 'repoint':
        return this.#repoint();
      default:
        return this.#destroy(step);
    }
  }

  #destroy(step: Extract<Step, { do: 'copytruncate' | 'truncate' | 'regrow' | 'rewrite' | 'delete' | 'replace' | 'expire' }>) {
    switch (step.do) {
      case 'copytruncate':
        return this.#copytruncate(step.underLoad);
      case 'truncate':
        this.#active.fault('truncate', this.#active.lines);
        return this.#cut();
      case 'regrow':
        return this.#regrow();
      case 'rewrite':
        return this.#rewrite(step);
      case 'delete':
        return this.#delete(step.ms);
      case 'replace':
        return this.#replace(step.lines);
      case 'expire':
        return this.#expire();
    }
  }

  #append({ lines, how }: Extract<Step, { do: 'append' }>): Promise<void> | void {
    const made = this.#maker.lines(lines);
    if (how === 'torn') return this.#active.appendTorn(made);
    return how === 'at once' ? this.#active.append(made) : this.#active.appendLineByLine(made);
  }

  async #rotate({ late, unfinished }: Extract<Step, { do: 'rotate' }>): Promise<void> {
    const old = this.#active;
    const [line] = this.#maker.lines(1);
    if (unfinished !== 'no' && line !== undefined) old.beginLine(line, unfinished === 'never finished');
    old.fault('rotate');
    renameSync(this.#target, this.#parts.next(old.part));
    this.#leave(old);
    if (unfinished === 'no') await old.appendLineByLine(this.#maker.lines(late));
    this.#replaceBy(this.#open(old.part + 1));
    if (unfinished !== 'finished later') return;
    this.#active.append(this.#maker.lines(3));
    await delay(this.#random.one([20, 300, 900]));
    old.finishLine();
  }

  #rotateTwice(lines: number): void {
    for (let rotation = 0; rotation < 2; rotation += 1) {
      const old = this.#active;
      old.append(this.#maker.lines(lines));
      old.fault('rotate twice');
      renameSync(this.#target, this.#parts.next(old.part));
      this.#leave(old);
      this.#replaceBy(this.#open(old.part + 1));
      this.#active.append(this.#maker.lines(lines));
    }
  }

  async #writeLate(lines: number): Promise<void> {
    if (this.#left === undefined) return;
    await delay(this.#random.one([0, 50, 200, 400, 700]));
    this.#left.fault('late');
    await this.#left.appendLineByLine(this.#maker.lines(lines));
  }

  async #repoint(): Promise<void> {
    const old = this.#active;
    old.fault('repoint');
    this.#leave(old);
    this.#pointTo(old.part + 1);
    this.#replaceBy(this.#open(old.part + 1));
    this.#active.append(this.#maker.lines(1));
  }

  #copytruncate(underLoad: number): void {
    const copied = this.#active;
    copyFileSync(this.#target, this.#parts.next(copied.part));
    const lost = this.#maker.lines(underLoad);
    if (underLoad > 0) copied.append(lost);
    const kind = underLoad > 0 ? 'copytruncate under load' : 'copytruncate';
    copied.fault(
      kind,
      lost.map(({ number }) => number),
    );
    this.#cut();
  }

  /** The path's file is made empty; what is written from now on is another part. */
  #cut(): void {
    ftruncateSync(this.#active.file, 0);
    const next = this.#active.renewed(this.#active.part + 1);
    next.begin(this.#maker, this.#plan.hasBanner);
    this.#replaceBy(next);
  }

  #regrow(): void {
    const { size } = this.#active;
    const longer = this.#maker.filling(size + this.#random.whole(41, 2_000), false);
    this.#active.fault('regrow', this.#active.lines);
    this.#cut();
    this.#active.append(longer);
  }

  async #rewrite({ inPlace, sameEnd }: Extract<Step, { do: 'rewrite' }>): Promise<void> {
    const old = this.#active;
    if (sameEnd) old.end(this.#maker);
    const before = this.#plan.hasBanner ? this.#maker.banner.bytes : Buffer.alloc(0);
    const after = sameEnd ? this.#maker.footer.bytes : Buffer.alloc(0);
    const lines = this.#maker.filling(old.size - before.length - after.length, true);
    if (lines.length === 0) return;
    // Readers come to the end first, mostly.
    await delay(this.#random.one([0, 50, 300]));
    old.fault('rewrite', old.lines);
    const next = old.renewed(old.part + 1);
    if (!inPlace) closeSync(openSync(this.#target, 'w'));
    next.overwrite(lines, { before, after }, this.#target);
    this.#replaceBy(next);
  }

  async #delete(ms: number): Promise<void> {
    const old = this.#active;
    old.fault('delete', old.lines);
    rmSync(this.#target);
    this.#leave(undefined);
    await delay(ms);
    this.#replaceBy(this.#open(old.part + 1));
    old.close();
  }

  #replace(lines: number): void {
    const old = this.#active;
    const ready = join(this.#folder, 'ready.tmp');
    const next = this.#open(old.part + 1, ready);
    next.append(this.#maker.lines(lines));
    old.fault('replace', old.lines);
    renameSync(ready, this.#target);
    this.#leave(undefined);
    this.#replaceBy(next);
    old.close();
  }

  #expire(): void {
    const part = this.#parts.expire();
    if (part === undefined) return;
    this.#leave(undefined);
    this.#active.fault('expire', this.#linesOf.get(part) ?? []);
  }

  /** `old` is not the path's file any more; the one left before it is closed for good. */
  #leave(old: ActiveFile | undefined): void {
    this.#left?.close();
    this.#left = old;
  }

  #replaceBy(next: ActiveFile): void {
    this.#active.isReplaced = true;
    this.#active = next;
    this.#linesOf.set(next.part, next.lines);
  }

  #open(part: number, path = this.#target): ActiveFile {
    const file = new ActiveFile({ part, path, record: this.record, random: this.#random });
    file.begin(this.#maker, this.#plan.hasBanner);
    this.#linesOf.set(part, file.lines);
    return file;
  }

  /** Links are re-pointed by renaming a new link over the old one. */
  #pointTo(number: number): void {
    this.#target = join(this.#folder, `app-2026-01-${String(number + 1).padStart(2, '0')}.log`);
    symlinkSync(this.#target, `${this.#path}.new`);
    renameSync(`${this.#path}.new`, this.#path);
  }
}
