/** Lines as services write them: for the picture of the page, and to look at it by eye. */

let order = 88_213;
let number = 0;

/** The same sequence in every run: a picture that is drawn again should differ only where the page does. */
function random(): number {
  number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
  return number / 2_147_483_648;
}

function below(limit: number): number {
  return Math.floor(random() * limit);
}

const address = () => `10.2.${below(8)}.${below(200)}`;

const APP: readonly [share: number, line: () => string][] = [
  [0.38, () => `INFO  GET /api/checkout/cart 200 ${5 + below(40)} ms ip=${address()} ua=Firefox/151`],
  [0.56, () => `INFO  POST /api/checkout/pay 202 ${50 + below(90)} ms ip=${address()} order=A-${order}`],
  [0.66, () => 'INFO  GET /healthz 200 1 ms'],
  [0.74, () => `DEBUG cart cache hit key=checkout:A-${order} age_ms=${below(9_000)}`],
  [0.765, () => `WARN  checkout: payment gateway slow: ${1_000 + below(2_000)} ms order=A-${order} attempt=1`],
  [0.86, () => `INFO  \u001b[32mok\u001b[0m checkout cache warmed in \u001b[34m${below(900)} ms\u001b[0m`],
  [
    0.994,
    () => `INFO  stock reserved for checkout sku=${5_000 + below(999)} qty=${1 + below(3)} order=A-${order} warehouse=berlin-2`,
  ],
  [
    1,
    () =>
      `ERROR checkout failed for order A-${order}: gateway timed out after 5,000 ms
    at Gateway.charge (/srv/app/checkout/gateway.js:114:11)
    at async Checkout.pay (/srv/app/checkout.js:52:5)`,
  ],
];

/** `count` events of a shop's application log, some of several lines. */
export function appLines(count: number): string {
  return Array.from({ length: count }, () => {
    const share = random();
    if (share > 0.4) order += 1;
    const [, line] = APP.find(([below]) => share < below) ?? [1, () => ''];
    return `${new Date().toISOString()} ${line()}\n`;
  }).join('');
}

/** What goes wrong while somebody looks. */
export function failure(): string {
  const now = new Date().toISOString();
  return [
    `${now} WARN  checkout: payment gateway slow: 2,114 ms order=A-${order} attempt=1`,
    `${now} ERROR checkout failed for order A-${order}: gateway timed out after 5,000 ms`,
    '    at Gateway.charge (/srv/app/checkout/gateway.js:114:11)',
    '    at async Checkout.pay (/srv/app/checkout.js:52:5)',
    `{"time":"${now}","level":"info","msg":"checkout retry scheduled","order":"A-${order}","in_ms":4000}`,
    '',
  ].join('\n');
}

export function accessLine(): string {
  const time = new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+).*/, '$1/$2/$3:$4 +0000');
  return `${address()} - - [${time}] "GET /api/checkout/cart HTTP/1.1" 200 ${below(9_000)} "-" "Mozilla/5.0"\n`;
}

export function auditLine(): string {
  return `${new Date().toISOString()} sshd[2211]: Accepted publickey for deploy from ${address()}\n`;
}

export function jobLine(): string {
  return `${new Date().toISOString()} INFO  imported ${below(900)} prices in ${below(9)} s\n`;
}
