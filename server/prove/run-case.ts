import { setTimeout as delay } from 'node:timers/promises';
import type { Cursor } from '../feed/cursor.ts';
import type { Log } from '../feed/log.ts';
import { readRange } from './reader.ts';
import type { Case, Trial } from './trial.ts';
import { type Finding, judge, worstOf } from './verdict.ts';

/** What a file system answers that has no links, or no such names. */
const NOT_SUPPORTED = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EMLINK', 'EXDEV', 'EINVAL']);
/** A last look at what may come twice. */
const AFTERMATH_MS = 300;

/** Runs a case and judges what its two readers were given: the one that follows, and one that comes back from its beginning. */
export async function runCase(each: Case, trial: Trial, again: () => Log): Promise<Finding> {
  const refusal = await run(each, trial);
  if (refusal !== undefined) return { verdict: 'not supported', notes: [refusal] };
  await trial.seen();
  await delay(AFTERMATH_MS);
  trial.signal.throwIfAborted();
  const log = again();
  try {
    const destroys = each.destroys ?? false;
    const late = trial.late.length > 0 ? [['late lines', await judgeLate(trial, log)] as const] : [];
    return worstOf([
      ['live', judge(trial.forLive, trial.live.given, destroys)],
      ['resumed', await judgeResumed(trial, log, destroys)],
      ...late,
    ]);
  } finally {
    await log.close();
  }
}

/** Answers why the file system will not do it; undefined where it was done. */
async function run(each: Case, trial: Trial): Promise<string | undefined> {
  try {
    await each.run(trial);
    return undefined;
  } catch (error) {
    trial.signal.throwIfAborted();
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || !NOT_SUPPORTED.has(code)) throw error;
    return `the file system refuses ${syscall ?? 'it'} (${code})`;
  }
}

async function judgeResumed({ mark, forResumed, signal }: Trial, log: Log, destroys: boolean): Promise<Finding> {
  if (mark === undefined) return { verdict: 'failed', notes: ['there is no cursor to come back with'] };
  const { given } = await readRange(log, { since: mark }, signal);
  return judge(forResumed, given, destroys);
}

/** Late lines are told as a range: that range must hold them. */
async function judgeLate({ late, live, signal }: Trial, log: Log): Promise<Finding> {
  const told = live.notices.filter(({ reason }) => reason === 'late');
  const got: string[] = [];
  for (const { since, until } of told)
    got.push(...(await readRange(log, { since: since as Cursor, until: until as Cursor }, signal)).lines);
  if (got.join() === late.join()) return { verdict: 'gap', notes: ['a gap names their range, which holds them'] };
  const note = told.length === 0 ? 'nobody was told of them' : `the range that was told holds ${got.length} of ${late.length}`;
  return { verdict: 'failed', notes: [note] };
}
