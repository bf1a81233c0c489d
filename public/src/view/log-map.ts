import type { Chunk } from '../log/chunk.ts';
import type { ChunkStore, Place } from '../log/chunk-store.ts';
import { formatBytes } from '../units.ts';

const TICK_PX = 2;
const THUMB_PX = 24;
const EVERY_MS = 100;

export interface LogMapOptions {
  readonly canvas: HTMLCanvasElement;
  readonly label: HTMLElement;
  readonly store: () => ChunkStore | undefined;
  readonly seen: () => { readonly first: Place; readonly last: Place } | undefined;
  readonly isAtEnd: () => boolean;
  /** Where the filter has found lines, those within so many bytes of each other once; and where lines are marked. */
  readonly hits: (apart: number) => Iterable<number>;
  readonly marks: () => Iterable<number>;
  /** The reader wants to see that byte of the feed; undefined: its end. */
  readonly goTo: (byte: number | undefined) => void;
}

/** A stretch of the map: the part of the feed that is seen. */
interface Thumb {
  readonly top: number;
  readonly height: number;
}

/** The whole feed on one strip, by its bytes: which part is seen, and where errors, warnings and notes are in what is loaded. It scrolls. */
export class LogMap {
  readonly #options: LogMapOptions;
  #drawnMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #thumb: Thumb = { top: 0, height: 0 };
  /** While it is dragged: where in the thumb it is held, and where that is now. */
  #held: { readonly at: number; y: number } | undefined;

  constructor(options: LogMapOptions) {
    this.#options = options;
    const { canvas } = options;
    canvas.addEventListener('pointerdown', (event) => this.#grab(event));
    canvas.addEventListener('pointermove', ({ offsetY }) => this.#held !== undefined && this.#drag(offsetY));
    for (const type of ['pointerup', 'pointercancel']) canvas.addEventListener(type, () => this.#release());
  }

  /** Draws soon, not for each line that comes. */
  schedule(): void {
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#drawnMs + EVERY_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, waitMs);
  }

  #grab(event: PointerEvent): void {
    const { canvas } = this.#options;
    const { top, height } = this.#thumb;
    const isOnThumb = event.offsetY >= top && event.offsetY < top + height;
    canvas.setPointerCapture(event.pointerId);
    this.#held = { at: isOnThumb ? event.offsetY - top : height / 2, y: event.offsetY };
    if (!isOnThumb) this.#drag(event.offsetY);
  }

  #drag(y: number): void {
    const { canvas, label, store, goTo } = this.#options;
    if (this.#held === undefined) return;
    this.#held.y = y;
    const room = Math.max(1, canvas.clientHeight - this.#thumb.height);
    const share = Math.min(1, Math.max(0, (y - this.#held.at) / room));
    const bytes = store()?.feedBytes ?? 0;
    const byte = share * (bytes - this.#seenBytes());
    goTo(share === 1 ? undefined : byte);
    label.hidden = false;
    label.textContent = `${formatBytes(byte)} of ${formatBytes(bytes)}`;
    label.style.top = `${Math.min(canvas.clientHeight - 24, Math.max(0, share * room))}px`;
    this.#draw();
  }

  #release(): void {
    this.#held = undefined;
    this.#options.label.hidden = true;
    this.schedule();
  }

  #seenBytes(): number {
    const seen = this.#options.seen();
    return seen === undefined ? 0 : Math.max(0, byteBehind(seen.last) - byteOf(seen.first));
  }

  #draw(): void {
    this.#drawnMs = performance.now();
    const context = this.#prepare();
    const store = this.#options.store();
    if (context === undefined || store === undefined) return;
    const style = getComputedStyle(this.#options.canvas);
    this.#thumb = this.#thumbNow(store);
    this.#tell(store);
    if (store.lines > 0) this.#drawThumb(context, style);
    for (const [y, colour] of this.#ticks(store)) {
      context.fillStyle = style.getPropertyValue(colour);
      // There may be hundreds of finds, among which an error has to be seen.
      const isHit = colour === '--hit-tick';
      const { clientWidth } = this.#options.canvas;
      context.fillRect(isHit ? clientWidth - 6 : 6, y, isHit ? 4 : clientWidth - 12, TICK_PX);
    }
  }

  #prepare(): CanvasRenderingContext2D | undefined {
    const { canvas } = this.#options;
    const { clientWidth, clientHeight } = canvas;
    const context = canvas.getContext('2d');
    if (context === null || clientWidth === 0) return undefined;
    const scale = devicePixelRatio;
    if (canvas.width !== clientWidth * scale) canvas.width = clientWidth * scale;
    if (canvas.height !== clientHeight * scale) canvas.height = clientHeight * scale;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, clientWidth, clientHeight);
    return context;
  }

  /** While it is dragged it is where the pointer is, whatever is seen by then. */
  #thumbNow(store: ChunkStore): Thumb {
    const { canvas, seen, isAtEnd } = this.#options;
    const all = canvas.clientHeight;
    const bytes = Math.max(1, store.feedBytes);
    const height = Math.min(all, Math.max(THUMB_PX, (this.#seenBytes() / bytes) * all));
    const first = seen()?.first;
    const share = first === undefined || isAtEnd() ? 1 : byteOf(first) / Math.max(1, bytes - this.#seenBytes());
    const top = this.#held === undefined ? share * (all - height) : this.#held.y - this.#held.at;
    return { top: Math.min(all - height, Math.max(0, top)), height };
  }

  /** To those who do not see it. */
  #tell(store: ChunkStore): void {
    const { canvas } = this.#options;
    const { top, height } = this.#thumb;
    const share = canvas.clientHeight - height <= 0 ? 1 : top / (canvas.clientHeight - height);
    canvas.ariaValueNow = String(Math.round(share * 100));
    canvas.ariaValueText = `${Math.round(share * 100)} % of ${formatBytes(store.feedBytes)}`;
  }

  #drawThumb(context: CanvasRenderingContext2D, style: CSSStyleDeclaration): void {
    const { top, height } = this.#thumb;
    const { clientWidth, clientHeight } = this.#options.canvas;
    if (height >= clientHeight) return;
    context.fillStyle = style.getPropertyValue('--map-seen');
    context.fillRect(0, top, clientWidth, height);
    context.fillStyle = style.getPropertyValue('--map-edge');
    context.fillRect(0, top, clientWidth, 1);
    context.fillRect(0, top + height - 1, clientWidth, 1);
  }

  /** One tick a place at most, the worst wins. */
  #ticks(store: ChunkStore): Map<number, string> {
    const height = this.#options.canvas.clientHeight - TICK_PX;
    const scale = height / Math.max(1, store.feedBytes);
    const ticks = new Map<number, string>();
    const add = (byte: number, colour: string) => {
      const y = Math.floor((byte * scale) / TICK_PX) * TICK_PX;
      if (colour === '--error' || !ticks.has(y)) ticks.set(y, colour);
    };
    for (const byte of this.#options.marks()) add(byte, '--mark-tick');
    for (const chunk of store.chunks) {
      const isSmall = chunk.feedBytes * scale < TICK_PX;
      if (isSmall) addOfAll(chunk, add);
      else for (const index of chunk.remarkable()) add(chunk.byteOf(index), colourOf(chunk, index));
    }
    for (const byte of this.#options.hits(TICK_PX / scale)) add(byte, '--hit-tick');
    return ticks;
  }
}

function addOfAll(chunk: Chunk, add: (byte: number, colour: string) => void): void {
  if (chunk.levels.error > 0) add(chunk.fromByte, '--error');
  else if (chunk.hasNotes) add(chunk.fromByte, '--accent');
  else if (chunk.levels.warn > 0) add(chunk.fromByte, '--warn');
}

function colourOf(chunk: Chunk, index: number): string {
  if (chunk.isNote(index)) return chunk.isGap(index) ? '--warn' : '--accent';
  return chunk.level(index) === 'error' ? '--error' : '--warn';
}

function byteOf({ chunk, index }: Place): number {
  return chunk.byteOf(index);
}

function byteBehind({ chunk, index }: Place): number {
  return chunk.byteOf(index + 1);
}
