/** Loaded into a process: a disk on which files can be made, and nothing be written once a few lines are. */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { appendFile } = fs;
let room = 20;
fs.appendFile = async (...args) => {
  room -= 1;
  if (room >= 0) return appendFile(...args);
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
};
syncBuiltinESMExports();
