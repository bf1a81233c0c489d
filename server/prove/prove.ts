import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSystemOf } from '../source/watch/file-system.ts';
import { chainCases } from './cases/chains.ts';
import { destructionCases } from './cases/destruction.ts';
import { growingCases } from './cases/growing.ts';
import { linkCases } from './cases/links.ts';
import { renamingCases } from './cases/renaming.ts';
import { Engine } from './engine.ts';
import { propertiesOf } from './properties.ts';
import { Reader } from './reader.ts';
import { exitCodeOf, propertyLines, type Result, resultLines, summary } from './report.ts';
import { runCase } from './run-case.ts';
import { type Case, Trial } from './trial.ts';
import type { Finding } from './verdict.ts';

export interface ProveOptions {
  readonly folder: string;
  /** Whether nothing is to be watched, and everything polled. */
  readonly poll: boolean;
  readonly print: (text: string) => void;
  /** Ends it early; what it has made is removed all the same. */
  readonly signal: AbortSignal;
}

const CASES: readonly Case[] = [...growingCases, ...renamingCases, ...chainCases, ...destructionCases, ...linkCases];

/**
 * Does to scratch files in a folder what happens to logs, with our own engine following, and prints what of it this file system
 * survives. Answers the exit code: 1 where a promise was broken. Throws where the folder cannot be tried.
 */
export async function prove(options: ProveOptions): Promise<number> {
  const { folder, poll, print, signal } = options;
  const scratch = await mkdtemp(join(folder, '.livefeed-prove-'));
  try {
    print(`${folder} is on ${await fileSystemOf(folder).catch(() => 'an unknown file system')}\n\n`);
    print(`${propertyLines(await propertiesOf(scratch, poll))}\n`);
    signal.throwIfAborted();
    const results = await runCases(scratch, options);
    print(`\n${summary(results)}`);
    return exitCodeOf(results);
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 }).catch((error: Error) => {
      print(`\n${scratch} could not be removed (${error.message}): please remove it.\n`);
    });
  }
}

/** All at once, since most of their time is waiting. */
async function runCases(scratch: string, { poll, print, signal }: ProveOptions): Promise<Result[]> {
  const engine = new Engine(poll);
  const failing = new AbortController();
  const ending = AbortSignal.any([signal, failing.signal]);
  let findings: Promise<Finding>[] = [];
  try {
    const trials = await Promise.all(CASES.map((each, index) => makeTrial(each, index)));
    await engine.start(trials.map(({ path }) => path));
    findings = CASES.map((each, index) => followAndRun(each, trials[index] as Trial, index));
    return await inOrder(findings, print);
  } finally {
    failing.abort();
    // Before their folders go: a case that is still at work would make them anew.
    await Promise.allSettled(findings);
    await engine.close();
  }

  async function makeTrial({ startsMissing }: Case, index: number): Promise<Trial> {
    const folder = join(scratch, `case${index}`);
    await mkdir(folder);
    const trial = new Trial({ folder, signal: ending, endLive: () => engine.end(index) }, new Reader());
    if (!startsMissing) await writeFile(trial.path, '');
    return trial;
  }

  async function followAndRun(each: Case, trial: Trial, index: number): Promise<Finding> {
    await engine.follow(index, trial.live);
    return runCase(each, trial, () => engine.another(trial.path));
  }
}

/** Printed in the order of the cases, each as soon as those before it are there. The first that cannot be tried ends it. */
async function inOrder(findings: readonly Promise<Finding>[], print: (text: string) => void): Promise<Result[]> {
  const untried = new Promise<never>((_resolve, reject) => {
    for (const finding of findings) finding.catch(reject);
  });
  untried.catch(() => undefined);
  const results: Result[] = [];
  for (const [index, finding] of findings.entries()) {
    const result: Result = [CASES[index]?.title ?? '', await Promise.race([finding, untried])];
    print(resultLines(result));
    results.push(result);
  }
  return results;
}
