import { MemoryLog } from '../../server/feed/memory-log.ts';
import { describeLog } from './log.ts';

async function makeMemoryLog() {
  const log = new MemoryLog();
  return {
    log,
    append: async (lines: string[]) => {
      for (const line of lines) log.append(line);
    },
    dispose: () => log.close(),
  };
}

describeLog('MemoryLog', makeMemoryLog, { breaks: ['a\nb', '\n', '\r', 'a\rb', 'a\r\nb', '\n\n\nx'] });
