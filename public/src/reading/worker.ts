import { Desk } from './desk.ts';
import type { Request } from './messages.ts';

/** What a worker's global object has; the types of the page have another. */
interface WorkerScope {
  postMessage(message: unknown, moved: Transferable[]): void;
  onmessage: ((event: MessageEvent<Request>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;
const desk = new Desk((answer, moved = []) => scope.postMessage(answer, moved));
scope.onmessage = ({ data }) => desk.handle(data);
