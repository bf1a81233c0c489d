/** SIGHUP comes from a terminal that is closed. Node undoes nohup itself, when it starts: without a handler it would end us at once. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** Of the time there is: whoever stops us may kill us at its end (`docker stop` after 10 s). */
const POLITE_SHARE = 0.95;
/** Under npm one Ctrl-C arrives twice, from the terminal and passed on by npm; a SIGTERM does, too, where all processes of a group get it. */
const SAME_SIGNAL_MS = 500;
/** What a shell says of a process that a signal has ended. */
const STATUS: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * Closes `service` at the first signal and exits 0; a second one exits at once: what is acknowledged is kept by then. What has not
 * ended within `withinMs` is cut, so that whoever stops us does not wait for a stalled reader.
 */
export function stopAtSignal(service: { close(): Promise<void> }, withinMs: number): void {
  onSignals(SIGNALS, (signal) => void stop(service, withinMs * POLITE_SHARE, signal));
}

/**
 * While a service starts, a signal ends it at once, by an exit: a process that a signal ends leaves what it runs behind. Returns the
 * function that ends this.
 */
export function exitAtSignal(): () => void {
  const exit = (signal: NodeJS.Signals) => end(STATUS[signal] ?? 1, signal);
  for (const signal of SIGNALS) process.on(signal, exit);
  return () => {
    for (const signal of SIGNALS) process.off(signal, exit);
  };
}

/** Aborted by the first signal; a second one exits at once. For what ends soon by itself: its terminal's end ends it too. */
export function abortAtSignal(): AbortSignal {
  const aborting = new AbortController();
  onSignals(SIGNALS, () => aborting.abort());
  return aborting.signal;
}

function onSignals(signals: readonly NodeJS.Signals[], stop: (signal: NodeJS.Signals) => void): void {
  let stoppingSince: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    const status = STATUS[signal];
    if (stoppingSince === undefined) {
      stoppingSince = performance.now();
      stop(signal);
    } else if (status !== undefined && performance.now() - stoppingSince > SAME_SIGNAL_MS) end(status, signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
}

async function stop(service: { close(): Promise<void> }, politeMs: number, signal: NodeJS.Signals): Promise<void> {
  const leave = (words: string, status: number): void => {
    // The terminal that a SIGHUP tells the end of takes no words any more.
    if (signal !== 'SIGHUP') process.stderr.write(`livefeed: ${words}\n`);
    end(status, signal);
  };
  const deadline = setTimeout(() => leave('not all had ended in time: the rest was cut off', 0), politeMs);
  try {
    await service.close();
  } catch (error) {
    leave(`stopping failed: ${(error as Error).message}`, 1);
  }
  clearTimeout(deadline);
  end(0, signal);
}

/** Node's own exit crashes where its terminal is gone: what SIGHUP stops then ends by it, after what is done at an exit. */
function end(status: number, signal: NodeJS.Signals): void {
  if (signal !== 'SIGHUP') process.exit(status);
  process.emit('exit', status);
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
