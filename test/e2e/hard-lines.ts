import type { Seeded } from './seed.ts';

type MakeLine = (number: number, seeded: Seeded) => Buffer;

const utf8 = (text: string) => Buffer.from(text, 'utf8');

/** The kinds of lines that log viewers get wrong, each with its line feed. */
const KINDS: readonly [MakeLine, ...MakeLine[]] = [
  (number) => utf8(`2026-11-23T14:31:02.118Z INFO request ${number} done\n`),
  (number) => utf8(`windows line ${number}\r\n`),
  (number) => utf8(`\u001B[1;31mERROR\u001B[0m ${number} \u001B[38;5;208morange\u001B[0m\n`),
  (number) => utf8(`${number} <script>alert('x')</script><img src=x onerror=alert(1)>&amp;\n`),
  (number) => utf8(`${number} 😀👩‍👩‍👧‍👦🇩🇪 naïve Ærøskøbing 漢字 𝒳\n`),
  (number, seeded) => utf8(`${number} ${'0123456789abcdef'.repeat(seeded.whole(1, 40))}\n`),
  () => utf8('\n'),
  () => utf8('\r\n'),
  (number) => utf8(`progress ${number} 10%\rprogress ${number} 20%\rdone\n`),
  (number) => utf8(`${number} data: id: 7\tevent: feed.open: retry: 1 : \n`),
  (number) => utf8(` leading space, trailing space ${number} \n`),
  (number) => utf8(`\uFEFFa byte order mark that is none ${number}\n`),
  (number) => Buffer.concat([utf8(`${number} latin1 `), Buffer.from([0xe4, 0xf6, 0xfc, 0xff, 0xc3]), utf8(' and cut \n')]),
];

/** `count` lines of every kind in random order, with one of 200 KB somewhere, and a last one that can be waited for. */
export function hardLines(count: number, seeded: Seeded): { bytes: Buffer; last: string } {
  const long = seeded.whole(1, count - 2);
  const last = `the last of ${count} lines, seed ${seeded.seed}`;
  const lines = Array.from({ length: count - 1 }, (_, number) =>
    number === long ? utf8(`${'€uro '.repeat(28_572)}\n`) : seeded.one(KINDS)(number, seeded),
  );
  return { bytes: Buffer.concat([...lines, utf8(`${last}\n`)]), last };
}
