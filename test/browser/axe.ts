import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

interface Axe {
  run(context: object, options: object): Promise<{ violations: Finding[]; incomplete: Finding[] }>;
}

export interface Findings {
  readonly violations: string[];
  /** Contrasts that axe could not judge. */
  readonly unsure: string[];
}

/**
 * What axe says of the page as it is. Of hundreds of rows, which are all made alike, it judges the first sixty drawn: the rest takes longer
 * than all else. `rule`: that one only.
 */
export async function axe(page: Page, rule?: string): Promise<Findings> {
  await page.evaluate(`window.axe === undefined && (() => { ${source} })()`);
  const { violations, incomplete } = await page.evaluate(async (rule) => {
    const { axe } = window as unknown as { axe: Axe };
    const options = { resultTypes: ['violations', 'incomplete'], preload: false };
    const context = { include: [['html']], exclude: [['.row:nth-child(n+60)']] };
    return axe.run(context, rule === undefined ? options : { ...options, runOnly: [rule] });
  }, rule);
  return {
    violations: violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
    ),
    unsure: incomplete.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes.map(({ html }) => html)),
  };
}
