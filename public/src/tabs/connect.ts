const SCRIPT = '/assets/tabs.js';

/** An error can be told as long as the worker is held on to. */
const workers = new Set<SharedWorker>();

/**
 * A port to the worker that all tabs share; undefined where there can be none. `failed`: its script could not be had. A page of another
 * version has a worker of its own: they need not understand each other.
 */
export function connectTabs(failed: () => void): MessagePort | undefined {
  try {
    const version = document.querySelector<HTMLMetaElement>('meta[name=livefeed]')?.content ?? '';
    const worker = new SharedWorker(SCRIPT, { type: 'module', name: `livefeed ${version}` });
    workers.add(worker);
    worker.onerror = failed;
    return worker.port;
  } catch {
    return undefined;
  }
}
