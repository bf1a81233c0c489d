/** The thread that tries patterns of users, so that none of them holds the loop of the service. */
import { parentPort } from 'node:worker_threads';
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { isAtLeast, MAX_LEVEL_LENGTH } from './level.ts';
import type { Answer, Fault, Question, Rule, Texts } from './match-messages.ts';

/** One text costs at most about this many steps a byte. */
const MAX_PROGRAM_SIZE = 1_000;
const MAX_COMPILED = 256;
/** Each character has at most 4 bytes. */
const MAX_LEVEL_BYTES = 4 * MAX_LEVEL_LENGTH;

const compiled = new Map<string, RE2JS>();

parentPort?.on('message', (question: Question) => {
  const answer = answerTo(question);
  if ('holds' in answer) parentPort?.postMessage(answer, [answer.holds.buffer]);
  else parentPort?.postMessage(answer);
});

function answerTo(question: Question): Answer {
  if (!('check' in question)) return { id: question.id, holds: holdsOf(question.rule, question.texts) };
  return { id: question.id, faults: question.check.map(faultOf).filter((fault) => fault !== undefined) };
}

function holdsOf({ patterns, level }: Rule, { bytes, ends }: Texts): Uint8Array<ArrayBuffer> {
  const sought = patterns.map(({ text, isNot }) => ({ program: compile(text), isNot }));
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const holds = new Uint8Array(ends.length);
  for (let index = 0, start = 0; index < ends.length; index += 1) {
    const end = ends[index] as number;
    const isShown =
      (level === undefined || isAtLeast(whole.toString('utf8', start, Math.min(end, start + MAX_LEVEL_BYTES)), level)) &&
      sought.every(({ program, isNot }) => program.test(whole.subarray(start, end)) !== isNot);
    holds[index] = isShown ? 1 : 0;
    start = end;
  }
  return holds;
}

/** Those used last stay compiled. */
function compile(pattern: string): RE2JS {
  const program = compiled.get(pattern) ?? RE2JS.compile(pattern);
  compiled.delete(pattern);
  compiled.set(pattern, program);
  const [oldest] = compiled.keys();
  if (compiled.size > MAX_COMPILED && oldest !== undefined) compiled.delete(oldest);
  return program;
}

function faultOf(pattern: string): Fault | undefined {
  try {
    const size = RE2JS.compile(pattern).programSize();
    if (size <= MAX_PROGRAM_SIZE) return undefined;
    return { pattern, words: `it comes to ${size} steps, more than ${MAX_PROGRAM_SIZE}: repeat less` };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { pattern, words: error.message.replace(/^error parsing regexp: /, ''), ...placeOf(error, pattern) };
  }
}

function placeOf(error: RE2JSException, pattern: string): { at?: number } {
  const part = error instanceof RE2JSSyntaxException ? String((error as { input?: unknown }).input ?? '') : '';
  const index = part === '' ? -1 : pattern.indexOf(part);
  return index < 0 ? {} : { at: index + 1 };
}
