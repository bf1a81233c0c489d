/** Loaded into a service before all else: at SIGUSR2 it collects what can be collected, and prints what is left of the heap, bytes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collect();
  // What waited for its end to be told is collected by the second.
  setTimeout(() => {
    collect();
    console.log(`heap ${process.memoryUsage().heapUsed}`);
  }, 50);
});
