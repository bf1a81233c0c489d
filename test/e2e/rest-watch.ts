import type { Page } from 'playwright-core';

/** What was wrong in some frame, and how many were looked at. */
export interface Watched {
  readonly frames: number;
  readonly wrong: readonly string[];
}

interface Watching extends Window {
  restWatch?: { frames: number; wrong: string[]; isOver: boolean };
}

/**
 * Looks at every frame from now on: the drawn lines `line N` must follow one another, and what `still` names must not move: the first
 * line that is seen, by a pixel, or the end of the list.
 */
export function watchRest(page: Page, still: 'first line' | 'end'): Promise<void> {
  return page.evaluate((still) => {
    const watch = { frames: 0, wrong: [] as string[], isOver: false };
    (window as Watching).restWatch = watch;
    const log = document.getElementById('log') as HTMLElement;
    const rows = () => [...log.querySelectorAll<HTMLElement>('.row:not(.note, .unfinished)')];
    const numberOf = (row: HTMLElement) => Number(/line (\d+)$/.exec(row.querySelector('.message')?.textContent ?? '')?.[1]);
    const topOf = (row: HTMLElement) => row.getBoundingClientRect().top - log.getBoundingClientRect().top;
    const first = rows().find((row) => topOf(row) >= 0);
    const [number, top] = first === undefined ? [0, 0] : [numberOf(first), topOf(first)];
    const look = () => {
      const drawn = rows();
      const numbers = drawn.map(numberOf);
      const at = numbers.findIndex((each, index) => index > 0 && each !== (numbers[index - 1] ?? 0) + 1);
      if (at >= 0) watch.wrong.push(`line ${numbers[at]} is drawn behind line ${numbers[at - 1]}`);
      const row = drawn[numbers.indexOf(number)];
      if (still === 'first line' && (row === undefined || Math.abs(topOf(row) - top) > 1))
        watch.wrong.push(`line ${number} stood at ${top} and is ${row === undefined ? 'not drawn' : `at ${topOf(row)}`}`);
      const below = log.scrollHeight - log.scrollTop - log.clientHeight;
      if (still === 'end' && below > 50) watch.wrong.push(`the end is ${below} pixels below what is seen`);
      watch.frames += 1;
      if (!watch.isOver) next();
    };
    // What a frame has drawn is looked at when it is done.
    const next = () => requestAnimationFrame(() => setTimeout(look));
    next();
  }, still);
}

/** Ends the watch, after a frame or two at least. */
export async function endWatch(page: Page): Promise<Watched> {
  await page.waitForFunction(() => ((window as Watching).restWatch?.frames ?? 0) > 1);
  return page.evaluate(() => {
    const watch = (window as Watching).restWatch ?? { frames: 0, wrong: [], isOver: true };
    watch.isOver = true;
    return { frames: watch.frames, wrong: watch.wrong.slice(0, 5) };
  });
}
