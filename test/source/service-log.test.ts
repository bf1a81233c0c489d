import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { createServiceLog } from '../../server/source/service-log.ts';
import { shown } from './reading.ts';

function setUp(level: Parameters<typeof createServiceLog>[0] = 'info', log = new MemoryLog()) {
  const written: string[] = [];
  const logger = createServiceLog(level, log, { write: (text) => written.push(text), on: () => {} });
  return { log, logger, written, entries: async () => (await shown(log)).map((line) => JSON.parse(line)) };
}

describe('the log of the service', () => {
  test('is a feed of JSON lines with the level in words and the time as ISO', async () => {
    const { logger, entries } = setUp();
    logger.info({ path: '/x' }, 'a feed came');
    logger.debug('not at this level');
    const [entry, ...others] = await entries();
    assert.deepEqual({ ...entry, time: '' }, { level: 'info', time: '', path: '/x', msg: 'a feed came' });
    assert.match(entry.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(others, []);
  });

  test('shows warnings and errors on standard error, in words and with the cause', async () => {
    const { logger, written, entries } = setUp();
    logger.info('quiet');
    logger.warn('polling %s', '/x');
    logger.error({ err: new Error('EACCES: /x') }, 'cannot read');
    logger.error(new Error('boom'));
    logger.child({ feed: 'a' }).fatal('the end');
    assert.deepEqual(written, [
      'livefeed: warning: polling /x\n',
      'livefeed: error: cannot read: EACCES: /x\n',
      'livefeed: error: boom\n',
      'livefeed: error: the end\n',
    ]);
    assert.equal((await entries()).length, 5);
  });

  test('lets no text from outside move the cursor or forge a line', async () => {
    const { logger, written, entries } = setUp();
    logger.warn('\u001b[2Jfile\r\nlivefeed: error: forged\u202e \u009b1m');
    assert.deepEqual(written, ['livefeed: warning: \\u{1b}[2Jfile livefeed: error: forged\\u{202e} \\u{9b}1m\n']);
    assert.equal((await entries()).length, 1);
  });

  test('does not feed itself: what a follower logs while it is told is only for standard error', async () => {
    const { log, logger, written } = setUp();
    const following = await log.follow({ batch: () => logger.warn('cannot send'), partial: () => {} });
    for (let index = 0; index < 5; index += 1) logger.info('an entry');
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    following.stop();
    assert.equal(log.stats.eventsAppended, 5);
    assert.deepEqual(written, ['livefeed: warning: cannot send\n']);
  });

  test('says nothing at all when it is silent', () => {
    const { log, logger, written } = setUp('silent');
    logger.fatal('x');
    assert.deepEqual([log.stats.eventsAppended, written.length], [0, 0]);
  });
});
