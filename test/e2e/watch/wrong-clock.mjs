/** Loaded into a service: at SIGUSR2 its wall clock goes back by an hour. Clocks that only go forward stay as they are. */
const now = Date.now;
const RealDate = Date;
let backMs = 0;
process.on('SIGUSR2', () => {
  backMs += 3_600_000;
});
Date.now = () => now() - backMs;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(now() - backMs);
    else super(...given);
  }
  static now() {
    return now() - backMs;
  }
};
