/**
 * Loaded into a service before all else. From the first SIGUSR2 on it notes how long each turn of the event loop is held, and prints
 * it as JSON at the second. Only time on a processor counts (first figure of schedstat): a shared machine may stop for half a second.
 * Garbage collection is taken off, and told apart.
 */
import { readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

const TICK_MS = 1;
const onCpuMs = () => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;

process.once('SIGUSR2', () => {
  const ticks = [];
  const pauses = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) pauses.push({ startTime, duration });
  });
  observer.observe({ entryTypes: ['gc'] });
  const timer = setInterval(() => ticks.push([performance.now(), onCpuMs()]), TICK_MS);
  process.once('SIGUSR2', () => {
    clearInterval(timer);
    // Entries are told a turn later.
    setImmediate(() => setImmediate(() => print(ticks, pauses)));
  });
});

function print(ticks, pauses) {
  const held = [];
  for (let index = 1; index < ticks.length; index += 1) {
    const [[from, ranBefore], [to, ran]] = [ticks[index - 1], ticks[index]];
    const collected = pauses.reduce(
      (sum, { startTime, duration }) => sum + (startTime >= from && startTime < to ? duration : 0),
      0,
    );
    held.push(Math.max(0, Math.min(to - from - TICK_MS, ran - ranBefore) - collected));
  }
  held.sort((a, b) => a - b);
  const longestPauseMs = Math.max(0, ...pauses.map(({ duration }) => duration));
  const at = (share) => held[Math.floor((held.length - 1) * share)];
  console.log(`loop ${JSON.stringify({ turns: held.length, p50: at(0.5), p999: at(0.999), max: at(1), longestPauseMs })}`);
}
