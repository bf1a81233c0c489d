/** Not SIGHUP: a handler of ours would undo nohup. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** Of the time there is: whoever stops us may kill us at its end (`docker stop` after 10 s). */
const POLITE_SHARE = 0.95;
/** Under npm one Ctrl-C arrives twice: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 500;
const INTERRUPTED = 130;

/**
 * Closes `service` at the first signal and exits 0; a second SIGINT exits at once. What has not ended within `withinMs` is cut, so that
 * whoever stops us does not wait for a stalled reader.
 */
export function stopAtSignal(service: { close(): Promise<void> }, withinMs: number): void {
  let stoppingSince: number | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (stoppingSince === undefined) {
        stoppingSince = performance.now();
        void stop(service, withinMs * POLITE_SHARE);
      } else if (signal === 'SIGINT' && performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(INTERRUPTED);
    });
  }
}

/** Aborted by the first signal; a second SIGINT exits at once. For what ends soon by itself: its terminal's end ends it too. */
export function abortAtSignal(): AbortSignal {
  const aborting = new AbortController();
  let abortedAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    abortedAt ??= performance.now();
    if (signal === 'SIGINT' && performance.now() - abortedAt > SAME_SIGNAL_MS) process.exit(INTERRUPTED);
    aborting.abort();
  };
  for (const signal of [...SIGNALS, 'SIGHUP'] as const) process.on(signal, onSignal);
  return aborting.signal;
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
