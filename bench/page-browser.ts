import type { Browser, CDPSession, Page } from 'playwright-core';
import { quantile } from './quantiles.ts';

/** Times between frames, in ms. */
export interface Frames {
  readonly frames: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Processor time that single tasks of the page's main thread took, in ms: what it does itself, however busy the machine is. */
export interface Work {
  readonly tasks: number;
  readonly p99: number;
  readonly max: number;
  readonly over25: number;
  readonly over50: number;
  /** Of the time measured. */
  readonly busyPercent: number;
}

/** What of a trace is looked at (Trace Event Format). */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** What the page measures of itself. */
interface Probes {
  frameMs: number[];
  copied: string;
  latencies: number[];
}

/** The page as a user has it, with probes of our own. */
export class BenchedPage {
  readonly page: Page;
  readonly #cdp: CDPSession;
  #startedMs = 0;

  private constructor(page: Page, cdp: CDPSession) {
    this.page = page;
    this.#cdp = cdp;
  }

  static async open(browser: Browser, url: string, preferences: object = {}): Promise<BenchedPage> {
    const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1400, height: 900 }, colorScheme: 'dark' });
    const page = await context.newPage();
    // `__name` is put around functions by what runs these sources; they are sent as they are.
    await page.addInitScript('globalThis.__name = (target) => target');
    await page.addInitScript((kept) => localStorage.setItem('livefeed.view', kept), JSON.stringify(preferences));
    await page.addInitScript(addProbes);
    await page.goto(url);
    await page.waitForFunction(() => document.getElementById('state')?.textContent === 'Live');
    return new BenchedPage(page, await context.newCDPSession(page));
  }

  /** Lines as the foot of the page counts them. */
  async lines(): Promise<number> {
    const words = await this.page.textContent('#foot .figures');
    return Number((/([\d,]+) lines?/.exec(words ?? '')?.[1] ?? '0').replaceAll(',', ''));
  }

  async startWork(): Promise<void> {
    const categories = ['toplevel', 'disabled-by-default-devtools.timeline'];
    await this.page.context().browser()?.startTracing(this.page, { categories });
    this.#startedMs = performance.now();
  }

  async work(): Promise<Work> {
    const tookMs = performance.now() - this.#startedMs;
    const trace = await this.page.context().browser()?.stopTracing();
    const { traceEvents } = JSON.parse(String(trace)) as { traceEvents: TraceEvent[] };
    const named = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
    const mains = new Set(named.map(({ pid, tid }) => `${pid} ${tid}`));
    const tasks = traceEvents.filter(({ name, pid, tid }) => name === 'RunTask' && mains.has(`${pid} ${tid}`));
    const took = Float64Array.from(tasks, ({ tdur = 0 }) => tdur / 1_000).sort();
    return {
      tasks: took.length,
      p99: quantile(took, 0.99),
      max: took.at(-1) ?? 0,
      over25: took.filter((ms) => ms > 25).length,
      over50: took.filter((ms) => ms > 50).length,
      busyPercent: (took.reduce((sum, ms) => sum + ms, 0) / tookMs) * 100,
    };
  }

  async startFrames(): Promise<void> {
    await this.page.evaluate(() => {
      (window as unknown as Probes).frameMs = [];
    });
  }

  async frames(): Promise<Frames> {
    const all = Float64Array.from(await this.page.evaluate(() => (window as unknown as Probes).frameMs)).sort();
    return { frames: all.length, p50: quantile(all, 0.5), p99: quantile(all, 0.99), max: all.at(-1) ?? Number.NaN };
  }

  /** The number that the newest line drawn begins with. */
  lastNumber(): Promise<number> {
    return this.page.evaluate(() =>
      Number.parseInt([...document.querySelectorAll('.row .message')].at(-1)?.textContent ?? '', 10),
    );
  }

  /** Everything that the page holds, as its own "Copy all" gives it. */
  async copyAll(): Promise<string[]> {
    await this.page.keyboard.press('c');
    await this.page.waitForFunction(() => (window as unknown as Probes).copied !== '', null, { timeout: 120_000 });
    const length = await this.page.evaluate(() => (window as unknown as Probes).copied.length);
    const parts: string[] = [];
    for (let at = 0; at < length; at += 8_000_000)
      parts.push(await this.page.evaluate((from) => (window as unknown as Probes).copied.slice(from, from + 8_000_000), at));
    await this.page.evaluate(() => {
      (window as unknown as Probes).copied = '';
    });
    return parts.join('').split('\n').slice(0, -1);
  }

  /** Objects and array buffers of the page after a collection, in MB; its worker is not in it. */
  async heapMb(): Promise<{ objects: number; buffers: number }> {
    for (let time = 0; time < 2; time += 1) await this.#cdp.send('HeapProfiler.collectGarbage');
    const usage = (await this.#cdp.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number };
    return { objects: usage.usedSize / 1e6, buffers: (usage.backingStorageSize ?? 0) / 1e6 };
  }

  /** From the time that stands in a line, ms since the epoch, to the second frame after its row exists. */
  async latencies(): Promise<number[]> {
    return this.page.evaluate(() => (window as unknown as Probes).latencies);
  }

  /** How many of twenty heights of the log show no row, now. */
  emptyHeights(): Promise<number> {
    return this.page.evaluate(() => {
      const { left, top, height } = (document.getElementById('log') as HTMLElement).getBoundingClientRect();
      const heights = Array.from({ length: 20 }, (_, index) => top + 6 + ((height - 12) * index) / 19);
      return heights.filter((y) => document.elementFromPoint(left + 60, y)?.closest('.row, .note') == null).length;
    });
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

/** Runs in the page before its own script. */
function addProbes(): void {
  const probes = Object.assign(window as unknown as Probes, { frameMs: [], copied: '', latencies: [] });
  let last = performance.now();
  const frame = (now: number) => {
    probes.frameMs.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  Object.defineProperty(navigator.clipboard, 'writeText', {
    value: async (text: string) => {
      probes.copied = text;
    },
  });
  const watch = new MutationObserver((records) => {
    for (const { addedNodes } of records)
      for (const node of addedNodes) {
        const sentMs = /sent=(\d{13})/.exec(node.textContent ?? '')?.[1];
        if (sentMs === undefined) continue;
        requestAnimationFrame(() =>
          requestAnimationFrame(() => probes.latencies.push(performance.timeOrigin + performance.now() - Number(sentMs))),
        );
      }
  });
  document.addEventListener('DOMContentLoaded', () =>
    watch.observe(document.getElementById('log') as HTMLElement, { childList: true }),
  );
}
