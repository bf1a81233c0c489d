import type { MemoryLog } from '../feed/memory-log.ts';
import { startGenerator } from './generator.ts';

/** The feed `demo/messages`: "Message N from server", N from 0, one a second. */
export function startDemoMessages(log: MemoryLog, signal: AbortSignal, intervalMs = 1000): void {
  startGenerator({ log, intervalMs, signal, make: (count) => `Message ${count} from server` });
}
