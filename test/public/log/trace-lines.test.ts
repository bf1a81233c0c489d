import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLevel } from '../../../public/src/log/level.ts';
import { TraceLines } from '../../../public/src/log/trace-lines.ts';

/** The lines, each behind what it is: `.` a line of its own, `+` more of what is told, `|` a frame. */
function read(text: string): string {
  const traces = new TraceLines();
  return text
    .split('\n')
    .map((line) => {
      const { level } = findLevel(line);
      const continuation = traces.next(line, level === 'error' || level === 'warn');
      return continuation === undefined ? '.' : { said: '+', frame: '|' }[continuation];
    })
    .join('');
}

const traces: [language: string, text: string, kinds: string][] = [
  [
    'Java',
    `2026-11-23 14:31:02 ERROR checkout failed
java.lang.IllegalStateException: no gateway
	at com.shop.Pay.charge(Pay.java:114)
	at java.base/java.lang.Thread.run(Thread.java:840)
	Suppressed: java.io.IOException: close
		at com.shop.Pay.close(Pay.java:9)
Caused by: java.net.SocketTimeoutException: Read timed out
	at com.shop.Http.get(Http.java:12)
	... 17 more
2026-11-23 14:31:03 INFO next`,
    '.+||||+||.',
  ],
  [
    'Java, uncaught',
    `Exception in thread "main" java.lang.NullPointerException
	at Main.main(Main.java:3)`,
    '.|',
  ],
  [
    'Node',
    `ERROR checkout failed
TypeError [ERR_X]: x is not a function
    at Gateway.charge (/srv/gateway.js:114:11)
    at async Promise.all (index 0) {
  code: 'ERR_X',
  [cause]: Error: inner
      at inner (/srv/a.js:1:2)
}
INFO next`,
    '.+||||||.',
  ],
  [
    'Python',
    `ERROR:root:it broke
Traceback (most recent call last):
  File "/srv/app.py", line 3, in <module>
    main()
    ^^^^^^
ValueError: no

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/app.py", line 9, in main
    raise KeyError
shop.errors.Missing: key
INFO:root:next`,
    '.||||+||||||+.',
  ],
  [
    'Python, uncaught',
    `Traceback (most recent call last):
  File "/srv/app.py", line 3, in <module>
KeyboardInterrupt
next`,
    '.|+.',
  ],
  [
    'Go',
    `panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.main.func1(0xc000012345, {0x1, 0x2})
	/srv/main.go:12 +0x1d
created by main.main in goroutine 1
	/srv/main.go:9 +0x25
exit status 2
2026/11/23 14:31:02 started`,
    '.|||||||.',
  ],
  [
    'Rust',
    `thread 'main' panicked at src/main.rs:2:5:
   0: std::panicking::begin
             at ./src/panicking.rs:1
next`,
    '.||.',
  ],
];

for (const [language, text, kinds] of traces)
  test(`a stack trace of ${language} goes with its line; what it says stays, where it was is folded`, () =>
    assert.equal(read(text), kinds));

test('lines that are no trace are not folded, indented or not', () => {
  assert.equal(read('items:\n  - one\n  - two\nat last it works\n\nnext'), '.++...');
  assert.equal(read('INFO x\nError: told without trouble before it\nmain.main()\nFile "x"'), '....');
});

test('a line of a megabyte that begins like a trace is told by its start', () => {
  const started = process.cpuUsage();
  const long = ['('.repeat(1_000_000), `${'a.'.repeat(500_000)}`, ' '.repeat(1_000_000), `E${'x'.repeat(1_000_000)}`];
  assert.equal(read(['panic: x', ...long].join('\n')).length, 5);
  const { user } = process.cpuUsage(started);
  assert.ok(user < 1_000_000, `${user} µs of CPU`);
});
