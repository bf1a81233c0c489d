import type { Row } from '../log/row.ts';
import type { LogList } from './log-list.ts';

const TICK_PX = 2;
const EVERY_MS = 250;

/** Everything loaded on one strip: where errors, warnings and gaps are, and which part is seen. A click goes there. */
export class LogMap {
  readonly #canvas: HTMLCanvasElement;
  readonly #list: LogList;
  #drawnMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(canvas: HTMLCanvasElement, list: LogList, goTo: (share: number) => void) {
    this.#canvas = canvas;
    this.#list = list;
    const go = (event: PointerEvent) => goTo(Math.min(1, Math.max(0, event.offsetY / canvas.clientHeight)));
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      go(event);
    });
    canvas.addEventListener('pointermove', (event) => event.buttons === 1 && go(event));
  }

  /** Draws soon: it looks at every row, so not for each line that comes. */
  schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#draw();
      },
      Math.max(0, this.#drawnMs + EVERY_MS - performance.now()),
    );
  }

  #draw(): void {
    this.#drawnMs = performance.now();
    const context = this.#prepare();
    if (context === undefined) return;
    const style = getComputedStyle(this.#canvas);
    this.#drawSeen(context, style);
    for (const [y, colour] of this.#ticks()) {
      context.fillStyle = style.getPropertyValue(colour);
      context.fillRect(6, y, this.#canvas.clientWidth - 12, TICK_PX);
    }
  }

  #prepare(): CanvasRenderingContext2D | undefined {
    const { clientWidth, clientHeight } = this.#canvas;
    const context = this.#canvas.getContext('2d');
    if (context === null || clientWidth === 0) return undefined;
    const scale = devicePixelRatio;
    this.#canvas.width = clientWidth * scale;
    this.#canvas.height = clientHeight * scale;
    context.scale(scale, scale);
    return context;
  }

  #drawSeen(context: CanvasRenderingContext2D, style: CSSStyleDeclaration): void {
    const { first, last } = this.#list.seen();
    const seesAll = first === this.#list.rows.first && last >= this.#list.rows.end - 1;
    if (seesAll) return;
    const { clientWidth } = this.#canvas;
    const top = this.#place(first);
    const height = Math.max(8, this.#place(last + 1) - top);
    context.fillStyle = style.getPropertyValue('--map-seen');
    context.fillRect(0, top, clientWidth, height);
    context.fillStyle = style.getPropertyValue('--map-edge');
    context.fillRect(0, top, clientWidth, 1);
    context.fillRect(0, top + height - 1, clientWidth, 1);
  }

  /** One tick a place at most, the worst wins. */
  #ticks(): Map<number, string> {
    const { rows } = this.#list;
    const ticks = new Map<number, string>();
    for (let index = rows.first; index < rows.end; index += 1) {
      const colour = colourOf(rows.at(index));
      if (colour === undefined) continue;
      const y = Math.floor(this.#place(index) / TICK_PX) * TICK_PX;
      if (colour === '--error' || !ticks.has(y)) ticks.set(y, colour);
    }
    return ticks;
  }

  #place(index: number): number {
    const { rows } = this.#list;
    const count = Math.max(1, rows.end - rows.first);
    return ((index - rows.first) / count) * (this.#canvas.clientHeight - TICK_PX);
  }
}

function colourOf(row: Row | undefined): string | undefined {
  if (row?.kind === 'note') return row.tone === 'gap' ? '--warn' : '--accent';
  if (row?.level === 'error' && !row.continued) return '--error';
  return row?.level === 'warn' && !row.continued ? '--warn' : undefined;
}
