/** Not SIGHUP: a handler of ours would undo nohup. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** Of the time there is: whoever stops us may kill us at its end (`docker stop` after 10 s). */
const POLITE_SHARE = 0.95;
/** Under npm one Ctrl-C arrives twice, from the terminal and passed on by npm; a SIGTERM does, too, where all processes of a group get it. */
const SAME_SIGNAL_MS = 500;
/** What a shell says of a process that a signal has ended. */
const STATUS: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * Closes `service` at the first signal and exits 0; a second one exits at once: what is acknowledged is kept by then. What has not
 * ended within `withinMs` is cut, so that whoever stops us does not wait for a stalled reader.
 */
export function stopAtSignal(service: { close(): Promise<void> }, withinMs: number): void {
  onSignals(SIGNALS, () => void stop(service, withinMs * POLITE_SHARE));
}

/**
 * While a service starts, a signal ends it at once, by an exit: a process that a signal ends leaves what it runs behind. Returns the
 * function that ends this.
 */
export function exitAtSignal(): () => void {
  const exit = (signal: NodeJS.Signals) => process.exit(STATUS[signal]);
  for (const signal of SIGNALS) process.on(signal, exit);
  return () => {
    for (const signal of SIGNALS) process.off(signal, exit);
  };
}

/** Aborted by the first signal; a second one exits at once. For what ends soon by itself: its terminal's end ends it too. */
export function abortAtSignal(): AbortSignal {
  const aborting = new AbortController();
  onSignals([...SIGNALS, 'SIGHUP'], () => aborting.abort());
  return aborting.signal;
}

function onSignals(signals: readonly NodeJS.Signals[], stop: () => void): void {
  let stoppingSince: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    const status = STATUS[signal];
    if (stoppingSince === undefined) {
      stoppingSince = performance.now();
      stop();
    } else if (status !== undefined && performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(status);
  };
  for (const signal of signals) process.on(signal, onSignal);
}

async function stop(service: { close(): Promise<void> }, politeMs: number): Promise<void> {
  const deadline = setTimeout(() => leave('some readers did not let go in time and were cut off', 0), politeMs);
  try {
    await service.close();
  } catch (error) {
    leave(`stopping failed: ${(error as Error).message}`, 1);
  }
  clearTimeout(deadline);
  process.exit(0);
}

function leave(words: string, status: number): never {
  process.stderr.write(`livefeed: ${words}\n`);
  process.exit(status);
}
