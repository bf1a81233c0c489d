import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { contrastOf } from './contrast.ts';

/** WCAG 2.2, for text of less than 24 px. */
const AA = 4.5;
const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Node {
  readonly html: string;
  readonly target: readonly string[];
  readonly failureSummary?: string;
  readonly any: readonly { readonly data: { readonly messageKey?: string } | null }[];
}

interface Finding {
  readonly id: string;
  readonly nodes: readonly Node[];
}

interface Axe {
  run(context: Document, options: object): Promise<{ violations: Finding[]; incomplete: Finding[] }>;
}

/** A contrast that axe could not judge. */
export interface Unsure {
  readonly html: string;
  /** Why, by the name that axe gives it. */
  readonly reason: string;
  /** As it is computed here; undefined where that does not tell it either. */
  readonly contrast: number | undefined;
}

export interface Findings {
  readonly violations: string[];
  readonly unsure: Unsure[];
}

/**
 * What axe says of the page as it is. Of hundreds of rows, which are all made alike, it judges the last `rows` that are drawn, or all: the
 * others are made invisible for as long as it looks, since they take longer than all else. `rule`: that one only.
 */
export async function axe(page: Page, rows: number | undefined, rule?: string): Promise<Findings> {
  // `__name` is put around functions by what runs these sources; they are sent as they are.
  await page.evaluate(`globalThis.__name ??= (target) => target; globalThis.contrastOf ??= ${contrastOf};
    window.axe === undefined && (() => { ${source} })()`);
  return page.evaluate(
    async ([rows, rule]) => {
      const { axe, contrastOf } = window as unknown as { axe: Axe; contrastOf: (element: Element) => number | undefined };
      const others = rows === undefined ? [] : [...document.querySelectorAll<HTMLElement>('.row, .note')].slice(0, -rows);
      for (const row of others) row.style.visibility = 'hidden';
      const options = { resultTypes: ['violations', 'incomplete'], preload: false };
      const { violations, incomplete } = await axe.run(document, rule === undefined ? options : { ...options, runOnly: [rule] });
      for (const row of others) row.style.visibility = '';
      const open = incomplete.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes);
      return {
        violations: violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
        ),
        unsure: open.map(({ html, target: [selector = ''], any }) => {
          const element = document.querySelector(selector);
          const reason = any.find(({ data }) => data !== null)?.data?.messageKey ?? 'no reason';
          return { html, reason, contrast: element === null ? undefined : contrastOf(element) };
        }),
      };
    },
    [rows, rule] as const,
  );
}

/** Contrasts that axe could not judge are enough where they are computed. */
export function assertContrast(unsure: readonly Unsure[], where: string): void {
  assert.deepEqual(
    unsure.filter(({ contrast = 0 }) => contrast < AA),
    [],
    where,
  );
}

/** For each reason that axe gives: how many contrasts it leaves open, and which is the least of them. */
export function openContrasts(unsure: readonly Unsure[]): string[] {
  return [...new Set(unsure.map(({ reason }) => reason))].map((reason) => {
    const [least, ...others] = unsure
      .filter((each) => each.reason === reason)
      .sort((a, b) => (a.contrast ?? 0) - (b.contrast ?? 0));
    const count = `${1 + others.length} contrasts that axe leaves open (${reason})`;
    return `${count}, the least is computed as ${least?.contrast?.toFixed(1)}: ${least?.html.slice(0, 120)}`;
  });
}
