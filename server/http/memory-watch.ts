import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** Looking costs some 30 µs: readers that come within this long share a look, ms. */
const LOOK_MS = 250;
/** Of what there is: the rest is for those who are there already. */
const SHARE = 0.85;

/** What a process may take where it is not said: a share of what the container has, or the machine. */
export function defaultMemoryBytes(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return SHARE * (constrained > 0 ? Math.min(constrained, totalmem()) : totalmem());
}

/** Whether this process takes more memory than it may, or is near the end of its heap. Looks when it is asked; it has no timer. */
export class MemoryWatch {
  readonly #maxBytes: number;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isOver = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isOver(): boolean {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_MS) return this.#isOver;
    this.#lookedAt = now;
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    this.#isOver = residentBytes() > this.#maxBytes || used > SHARE * limit;
    return this.#isOver;
  }
}

/** Linux tells it in a file: where too many are open, the heap alone counts. */
function residentBytes(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}
