import assert from 'node:assert/strict';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Batch } from '../../../server/feed/batch.ts';
import { unwrap, wrappingOf } from '../../../server/feed/file/container-lines.ts';
import { assertSameFromAnywhere, cutAt, followThrough, readThrough, type Seen, withFile } from './live-and-replay.ts';
import { lookUntil, Told, tailing } from './tailing.ts';

type Stream = 'stdout' | 'stderr';

const TIME = '2026-11-23T14:31:02.118381231Z';
const MS = Date.UTC(2026, 10, 23, 14, 31, 2, 118);

const docker = (text: string, stream: Stream = 'stdout', time = TIME) => `${JSON.stringify({ log: text, stream, time })}\n`;
const cri = (tag: 'P' | 'F', text: string, stream: Stream = 'stdout', time = TIME) => `${time} ${stream} ${tag} ${text}\n`;

const outline = (seen: Seen) =>
  seen.events.map(({ data, cut, stream }) => `${stream === undefined ? '' : '! '}${data}${cut ? ' …' : ''}`);

async function outlineOf(content: string | Buffer, raw = false): Promise<string[]> {
  let lines: string[] = [];
  await withFile(async ({ path, again }) => {
    await writeFile(path, content);
    lines = outline(await readThrough(again()));
  }, raw);
  return lines;
}

test("Docker's lines are what the container wrote: text, time and stream", async (context) => {
  const content = [
    docker('plain\n'),
    docker('"quoted" \\ tab\tü😀 \u001b[1m\n', 'stderr'),
    docker('with carriage return\r\n'),
    docker('\n'),
    '{"log":"attributes\\n","stream":"stdout","attrs":{"tag":"web"},"time":"2026-11-23T14:31:02.118381231Z"}\n',
  ];
  const { log } = await tailing(context, content.join(''));
  const { position } = await log.locate({ at: 'oldest' });
  const batches: Batch[] = [];
  for await (const batch of log.read(position, { signal: new AbortController().signal })) batches.push(batch);
  const [batch] = batches;
  assert.ok(batches.length === 1 && batch?.kind === 'events');
  const events = Array.from({ length: batch.count }, (_, index) => [
    batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]),
    batch.time(index),
    batch.stream?.(index),
  ]);
  assert.deepEqual(events, [
    ['plain', MS, undefined],
    ['"quoted" \\ tab\tü😀 \u001b[1m', MS, 'stderr'],
    ['with carriage return', MS, undefined],
    ['', MS, undefined],
    ['attributes', MS, undefined],
  ]);
});

test("CRI's lines are what the container wrote, whatever the zone of their time and however many tags", async () => {
  assert.deepEqual(
    await outlineOf(
      [
        cri('F', 'plain'),
        cri('F', ' spaces  kept ', 'stderr'),
        '2016-10-06T00:17:09.669794202+02:00 stdout F:tag:other podman\n',
        '2016-10-06T00:17:09Z stdout F \n',
        '2016-10-06T00:17:09Z stdout F\n',
        cri('F', 'carriage return\r'),
      ].join(''),
    ),
    ['plain', '!  spaces  kept ', 'podman', '', '', 'carriage return'],
  );
});

test('parts of a line are joined, also where a character or CRLF lies across them', async () => {
  const bytes = Buffer.concat([
    Buffer.from(cri('P', 'one ').slice(0, -1)),
    Buffer.from([0xf0, 0x9f, 10]),
    Buffer.from(cri('P', '').slice(0, -1)),
    Buffer.from([0x98, 0x80, 10]),
    Buffer.from(cri('P', ' two\r')),
    Buffer.from(cri('F', '')),
    Buffer.from(cri('F', 'next')),
  ]);
  assert.deepEqual(await outlineOf(bytes), ['one 😀 two', 'next']);
  assert.deepEqual(await outlineOf(`${docker('one ')}${docker('two ')}${docker('three\r\n')}${docker('next\n')}`), [
    'one two three',
    'next',
  ]);
});

test('a line of the other stream between two parts ends a piece, marked: nothing is lost, doubled or mixed', async () => {
  assert.deepEqual(
    await outlineOf([cri('P', 'a1 '), cri('P', 'a2 '), cri('F', 'error', 'stderr'), cri('F', 'a3'), cri('F', 'b')].join('')),
    ['a1 a2  …', '! error', 'a3', 'b'],
  );
});

test('a line that is not as the first ones were is given as it is', async () => {
  const broken = '{"log":"cut off by a crash';
  assert.deepEqual(
    await outlineOf([docker('first\n'), docker('part '), `${broken}\n`, '{"log":1}\n', 'bare\n', docker('last\n')].join('')),
    ['first', 'part  …', broken, '{"log":1}', 'bare', 'last'],
  );
});

test('logs that only resemble a container’s are left as they are', async () => {
  for (const line of [
    '{"log":"my own","stream":"stdout","time":"yesterday"}',
    '{"log":"my own\\n","stream":"stdout","time":"2026-11-23T14:31:02Z","level":"info"}',
    '{"log":"my own\\n","stream":"audit","time":"2026-11-23T14:31:02Z"}',
    '2026-11-23T14:31:02Z stdout is broken',
    '2026-11-23T14:31:02Z stdin F text',
    '2026-11-23 14:31:02 stdout F text',
    '2026-13-43T14:31:02Z stdout F text',
    'null',
  ])
    assert.deepEqual(await outlineOf(`${line}\n`), [line]);
});

test('--raw leaves everything as it is in the file', async () => {
  const lines = [docker('part '), docker('and end\n', 'stderr')];
  assert.deepEqual(
    await outlineOf(lines.join(''), true),
    lines.map((line) => line.trimEnd()),
  );
});

for (const [name, part, end] of [
  ['Docker', (text: string) => docker(text), docker('the end\n')],
  ['CRI', (text: string) => cri('P', text), cri('F', 'the end')],
] as const) {
  test(`${name}: a joined line comes in pieces of at most 256 KiB, and resumes behind any of them`, async () => {
    await withFile(async ({ path, again }) => {
      const text = `${'0123456789abcdef"'.repeat(963)}x`;
      await writeFile(path, part(text).repeat(50) + end);
      const { events, lines } = await readThrough(again());
      assert.deepEqual(lines, [`${text.repeat(50)}the end`]);
      assert.ok(events.every(({ data }) => data.length <= 256 * 1024));
      assert.equal(events.length, Math.ceil((50 * text.length) / (Math.floor((256 * 1024) / text.length) * text.length)));
      for (const [index, { cursor }] of events.entries())
        assert.deepEqual((await readThrough(again(), cursor)).events, events.slice(index + 1));
    });
  });

  for (const [parts, text, most] of [
    [9_000, 'x', '4,096 parts'],
    [9_000, '\u0001'.repeat(40), '1 MiB in the file, escapes included'],
  ] as const)
    test(`${name}: thousands of small parts are joined up to ${most}`, async () => {
      await withFile(async ({ path, again }) => {
        await writeFile(path, part(text).repeat(parts) + end);
        const { events, lines } = await readThrough(again());
        assert.deepEqual(lines, [`${text.repeat(parts)}the end`]);
        assert.ok(events.length <= 4, `${events.length} pieces`);
        const middle = await readThrough(again(), events[0]?.cursor);
        assert.deepEqual(middle.events, events.slice(1));
      });
    });
}

test('a joined line is one event for who follows; until then its parts show as unfinished, and it is not the head', async (context) => {
  const { path, log, again } = await tailing(context, cri('F', 'before'), 10);
  const told = new Told();
  const { stop } = await log.follow({ batch: (batch) => told.batch(batch), partial: (partial) => (told.partial = partial) });
  const { cursor } = await log.locate({ at: 'head' });
  await appendFile(path, cri('P', 'one '));
  await lookUntil(log, () => told.partial?.text === 'one ');
  await appendFile(path, `${cri('P', 'two ')}${cri('F', 'three').slice(0, 43)}`);
  await lookUntil(log, () => told.partial?.text === 'one two ');
  assert.equal((await again().locate({ at: 'head' })).cursor, cursor);
  await appendFile(path, cri('F', 'three').slice(43));
  await lookUntil(log, () => told.items.length > 0);
  assert.deepEqual(told.items, ['one two three']);
  stop();
});

test('a line whose parts lie in two files (a rotation came between) is two pieces, the first of them marked', async (context) => {
  const { path, again } = await tailing(context, cri('F', 'first') + cri('P', 'one '));
  await rename(path, `${path}.1`);
  await writeFile(path, cri('F', 'two') + cri('F', 'last'));
  assert.deepEqual(outline(await readThrough(again())), ['first', 'one  …', 'two', 'last']);
});

test('last=N and pages count the lines of containers, not those of the file', async (context) => {
  const lines = Array.from({ length: 40 }, (_, index) => [cri('P', `${index} a `), cri('P', 'b '), cri('F', 'c')].join(''));
  const { log, readAfter } = await tailing(context, lines.join('') + cri('P', 'unfinished '));
  const all = await readAfter();
  assert.equal(all.cursors.length, 40);
  for (const count of [1, 2, 39, 40, 100]) {
    const { cursor } = await log.locate({ at: 'last', count });
    const { items } = await readAfter(cursor);
    assert.deepEqual(items, all.items.slice(-count - 1), `last=${count}`);
  }
  const page = await log.locate({ at: 'before', cursor: all.cursors[29] ?? 'head', count: 10 });
  assert.equal(page.cursor, all.cursors[19]);
});

test('a raw line longer than 256 KiB, as CRI without a limit writes it, comes in pieces', async () => {
  const text = 'ü'.repeat(400_000);
  await withFile(async ({ path, again }) => {
    await writeFile(path, cri('F', 'first') + cri('F', text, 'stderr') + cri('F', 'last'));
    const { lines, events } = await readThrough(again());
    assert.deepEqual(lines, ['first', text, 'last']);
    assert.equal(events[1]?.stream, 'stderr');
    for (const [index, { cursor }] of events.entries())
      assert.deepEqual((await readThrough(again(), cursor)).events, events.slice(index + 1));
  });
});

test('what is one of a container’s lines is told by its form alone, however hostile', () => {
  assert.equal(wrappingOf(Buffer.from(cri('F', 'x'))), 'cri');
  assert.equal(wrappingOf(Buffer.from(docker('x\n'))), 'docker');
  assert.equal(wrappingOf(Buffer.from(docker('x'.repeat(5_000))).subarray(0, 1_024)), 'docker');
  for (const hostile of [
    '{"log":"'.repeat(20_000),
    `{"log":"\\n","__proto__":{},"stream":"stdout","time":"${TIME}"}`,
    '{"log":"a"',
    '[]',
  ])
    assert.equal(unwrap(Buffer.from(hostile), 'docker'), undefined);
  const startedAt = performance.now();
  for (const hostile of [`${'2'.repeat(40)} `.repeat(10_000), `${TIME} stdout F${':'.repeat(200_000)}`])
    unwrap(Buffer.from(hostile), 'cri');
  assert.ok(performance.now() - startedAt < 1_000);
});

const text = fc.constantFrom('', 'plain', 'ü😀', ' ', '\r', '"\\', 'x'.repeat(16_384), '\u0000');
const stream = fc.constantFrom<Stream>('stdout', 'stdout', 'stdout', 'stderr');
const dockerLine = fc.tuple(text, stream, fc.boolean()).map(([log, of, isEnd]) => docker(isEnd ? `${log}\n` : log, of));
const criLine = fc.tuple(text, stream, fc.boolean()).map(([log, of, isEnd]) => cri(isEnd ? 'F' : 'P', log, of));
const strange = fc.constantFrom('bare\n', '\n', '{"log":"\n', `${TIME} stdout F`, '\0'.repeat(20), 'x'.repeat(270_000));
const containerLog = fc
  .oneof(dockerLine, criLine)
  .chain((first) => {
    const line = first.startsWith('{') ? dockerLine : criLine;
    return fc
      .array(fc.oneof({ weight: 12, arbitrary: line }, { weight: 1, arbitrary: strange }), { maxLength: 60 })
      .map((rest) => first + rest.join(''));
  })
  .map((content) => Buffer.from(content));

test('any container log, appended in any pieces while somebody follows, is the same events as the finished file, from any cursor on', async () => {
  const property = fc.asyncProperty(containerLog, fc.array(fc.nat(), { maxLength: 12 }), (bytes, places) =>
    withFile(async ({ path, again }) => {
      const live = await followThrough(
        again(),
        cutAt(bytes, places).map((part) => () => appendFile(path, part)),
      );
      await assertSameFromAnywhere(live, again);
    }),
  );
  await fc.assert(property, { numRuns: 100 });
});
