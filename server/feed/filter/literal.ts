/** A text that is in all that a pattern matches. */
export interface Literal {
  readonly bytes: Buffer;
  /** The pattern is nothing but this text: what holds it matches. */
  readonly isAll: boolean;
}

const ESCAPED_PUNCTUATION = /^[!-/:-@[-`{-~]$/;
const COUNT = /^\{\d+(?:,\d*)?\}/;
const GROUP_WITHOUT_FLAGS = /^\((?!\?)|^\(\?(?::|P?<[A-Za-z_]\w*>)/;

/**
 * The longest literal text outside groups that `pattern` cannot match without; undefined where none is sure. To look for it is cheap,
 * so that only lines that hold it are given to the pattern. What is not understood ends the search: at worst more lines are tried.
 */
export function literalOf(pattern: string): Literal | undefined {
  const runs = runsOf(pattern);
  if (runs === undefined) return undefined;
  const longest = runs.texts.reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest === '' ? undefined : { bytes: Buffer.from(longest), isAll: runs.isAll };
}

interface Runs {
  readonly texts: readonly string[];
  readonly isAll: boolean;
}

function runsOf(pattern: string): Runs | undefined {
  const texts: string[] = [];
  let run: string[] = [];
  let isAll = true;
  let depth = 0;
  const endRun = () => {
    isAll = false;
    if (depth === 0) texts.push(run.join(''));
    run = [];
  };
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] as string;
    const rest = characters.slice(at, at + 64).join('');
    if (character === '|' && depth === 0) return undefined;
    if (character === '\\') {
      const escaped = characters[at + 1] ?? '';
      at += 1;
      if (ESCAPED_PUNCTUATION.test(escaped)) run.push(escaped);
      else if ('dDsSwWbBAz'.includes(escaped)) endRun();
      else return undefined;
    } else if (character === '(') {
      const group = GROUP_WITHOUT_FLAGS.exec(rest);
      if (group === null) return undefined;
      endRun();
      at += group[0].length - 1;
      depth += 1;
    } else if (character === ')') {
      endRun();
      depth -= 1;
    } else if (character === '[') {
      endRun();
      const end = endOfClass(characters, at);
      if (end === undefined) return undefined;
      at = end;
    } else if ('?*'.includes(character)) {
      run.pop();
      endRun();
    } else if (character === '{') {
      const count = COUNT.exec(rest);
      run.pop();
      endRun();
      if (count !== null) at += count[0].length - 1;
    } else if ('.+^$|'.includes(character)) endRun();
    else run.push(character);
  }
  if (depth !== 0) return undefined;
  texts.push(run.join(''));
  return { texts, isAll };
}

/** Of the bracket that ends the class that begins at `at`; undefined where it holds what is not simple. */
function endOfClass(characters: readonly string[], at: number): number | undefined {
  const first = characters[at + 1] === '^' ? at + 2 : at + 1;
  for (let place = first; place < characters.length; place += 1) {
    const character = characters[place];
    if (character === '[' || (character === '\\' && /[pPxQ0-9]/.test(characters[place + 1] ?? ''))) return undefined;
    if (character === '\\') place += 1;
    else if (character === ']' && place > first) return place;
  }
  return undefined;
}
