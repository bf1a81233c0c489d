/**
 * Loaded into a service before all else: at SIGUSR2 it collects what can be collected, and prints what is left: `heap BYTES`, and
 * `holds JSON`: handles of each kind, listeners on them, and how many objects there are, which unlike bytes do not grow as code is compiled.
 */
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collect();
  // What waited for its end to be told is collected by the second.
  setTimeout(() => {
    collect();
    const heap = process.memoryUsage().heapUsed;
    console.log(`heap ${heap}`);
    console.log(`holds ${JSON.stringify({ heap, handles: handles(), listeners: listeners(), objects: queryObjects(Object) })}`);
  }, 50);
});

function handles() {
  const counts = {};
  for (const kind of process.getActiveResourcesInfo().sort()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Of what Node holds for as long as it is open: servers, watches, pipes, sockets, and the process itself. */
function listeners() {
  const emitters = [process, ...process._getActiveHandles()].filter(({ eventNames }) => eventNames !== undefined);
  return emitters.reduce((sum, emitter) => sum + countOf(emitter), 0);
}

function countOf(emitter) {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}
