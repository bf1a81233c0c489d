/**
 * Holds a lock for as long as this page or worker lives, and tells its name: whoever asks for it gets it when this one is gone, however
 * it went. False where there are no locks, since the origin is not secure.
 */
export function holdLock(held: (name: string) => void): boolean {
  const { locks } = globalThis.navigator ?? {};
  if (locks === undefined) return false;
  const name = `livefeed-${Date.now()}-${Math.random()}`;
  void locks.request(name, () => {
    held(name);
    return new Promise<void>(() => undefined);
  });
  return true;
}

/** Calls `gone` when the one that holds the lock is gone. */
export function whenGone(name: string, gone: () => void): void {
  void globalThis.navigator?.locks?.request(name, { mode: 'shared' }, () => gone());
}
