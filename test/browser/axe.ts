import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

interface Axe {
  run(context: Document, options: object): Promise<{ violations: Finding[]; incomplete: Finding[] }>;
}

export interface Findings {
  readonly violations: string[];
  /** Contrasts that axe could not judge. */
  readonly unsure: string[];
}

/**
 * What axe says of the page as it is. Of hundreds of rows, which are all made alike, it judges the last `rows` that are drawn: the others
 * are made invisible for as long as it looks, since they take longer than all else. `rule`: that one only.
 */
export async function axe(page: Page, rows: number, rule?: string): Promise<Findings> {
  await page.evaluate(`window.axe === undefined && (() => { ${source} })()`);
  const { violations, incomplete } = await page.evaluate(
    async ([rows, rule]) => {
      const { axe } = window as unknown as { axe: Axe };
      const others = [...document.querySelectorAll<HTMLElement>('.row, .note')].slice(0, -rows);
      for (const row of others) row.style.visibility = 'hidden';
      const options = { resultTypes: ['violations', 'incomplete'], preload: false };
      const found = await axe.run(document, rule === undefined ? options : { ...options, runOnly: [rule] });
      for (const row of others) row.style.visibility = '';
      return found;
    },
    [rows, rule] as const,
  );
  return {
    violations: violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
    ),
    unsure: incomplete.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes.map(({ html }) => html)),
  };
}
