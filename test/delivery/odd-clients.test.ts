import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Reader } from '../../server/delivery/reader.ts';
import { Subscriber } from '../../server/delivery/subscriber.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { eventually } from '../source/eventually.ts';
import { bodyOf, CLIENT_KINDS, type ClientKind, isAnswered, lastIdOf, numbersOf, requestOf } from './client-kinds.ts';
import { type FeedServer, feedServer, RawClient, sseEvents } from './feed-server.ts';

/** More with `SEEDS=30`. */
const SEEDS = Number(process.env.SEEDS ?? 1);
const STEPS = 300;
/** What a reader that takes nothing can be given by the system alone is some MB. */
const BURST_EVENTS = 60;
const BURST_BYTES = 100_000;

/** A client, and the first of the numbers that it is to get. */
interface Guest {
  readonly kind: ClientKind;
  readonly client: RawClient;
  readonly from: number;
}

const WAYS_TO_LEAVE: readonly ((client: RawClient) => void)[] = [
  ({ socket }) => socket.resetAndDestroy(),
  ({ socket }) => socket.destroy(),
  // One that reads no more is there until it is found to have stalled.
  ({ socket }) => void socket.resume().end(),
  ({ socket }) => void socket.write('no request\r\n\r\n'),
];

class Visit {
  readonly #context: TestContext;
  readonly #server: FeedServer;
  readonly #random: (below: number) => number;
  readonly #log: MemoryLog;
  readonly #other: MemoryLog;
  readonly #folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
  /** Get the numbers of the descriptors of those who have left. */
  readonly #files: number[] = [];
  readonly #guests: Guest[] = [];
  readonly #patches: Promise<Response>[] = [];
  #published = 0;

  constructor(context: TestContext, server: FeedServer, random: (below: number) => number) {
    this.#context = context;
    this.#server = server;
    this.#random = random;
    const [a, b] = ['a', 'b'].map((name) => server.add(name, new MemoryLog({ maxBytes: 1 << 28, maxEvents: 1 << 20 })).log);
    this.#log = a as MemoryLog;
    this.#other = b as MemoryLog;
    context.after(() => {
      for (const file of this.#files) closeSync(file);
      rmSync(this.#folder, { recursive: true });
    });
  }

  async begin(): Promise<void> {
    for (const kind of CLIENT_KINDS) await this.#open(kind, this.#published);
  }

  async step(): Promise<void> {
    for (let left = this.#random(8); left > 0; left -= 1) this.#publish(this.#random(300));
    await this.#acts[this.#random(this.#acts.length)]?.();
    await turn();
  }

  /** What everyone has been given when all are told good-bye. */
  async end(): Promise<void> {
    for (const { client } of this.#guests) client.socket.resume();
    for (const answer of await Promise.all(this.#patches)) assert.ok([200, 404].includes(answer.status), `${answer.status}`);
    const { delivery, failures } = this.#server;
    // The last of them is shown by each filter.
    do this.#publish(1);
    while (!CLIENT_KINDS.every(({ shows }) => shows?.(this.#published - 1) !== false));
    await turn();
    await eventually('all are at the head', () => delivery.connected.all.every((reader) => this.#isAtHead(reader)));
    await delivery.drain(500);
    await eventually('all have left', () => this.#guests.every(({ client }) => client.isEnded));
    for (const guest of this.#guests) this.#check(guest);
    assert.deepEqual(failures, []);
    assert.equal(readFileSync(join(this.#folder, 'another'), 'utf8'), '', 'nothing was written to a file');
  }

  #isAtHead({ place, connection }: Reader): boolean {
    return connection === undefined ? place?.cursor === this.#log.head : place?.bytesBehind === 0;
  }

  readonly #acts: readonly (() => void | Promise<void>)[] = [
    () => void this.#any()?.client.socket.pause(),
    () => void this.#any()?.client.socket.pause(),
    () => this.#resumeHalf(),
    () => this.#resumeHalf(),
    () => this.#exchange(),
    () => this.#exchange(),
    () => this.#patch(),
    () => this.#tick(),
    () => this.#giveRest(),
    () => {
      if (this.#random(8) === 0) for (let left = BURST_EVENTS; left > 0; left -= 1) this.#publish(BURST_BYTES);
    },
  ];

  #any(): Guest | undefined {
    return this.#guests[this.#random(this.#guests.length)];
  }

  #publish(bytes: number): void {
    this.#log.append(`${this.#published};${'x'.repeat(bytes)}`);
    this.#published += 1;
    if (this.#random(5) === 0) this.#other.append('other');
  }

  async #open(kind: ClientKind, from: number, id?: string): Promise<void> {
    const client = await RawClient.open(this.#context, this.#server.port, requestOf(kind, id));
    await eventually(`${kind.path} is answered`, () => isAnswered(client));
    this.#guests.push({ kind, client, from });
  }

  #resumeHalf(): void {
    for (const { client } of this.#guests) if (this.#random(2) === 0) client.socket.resume();
  }

  /** One leaves, in whatever way; one of the same kind comes, where it was if it can. Files are opened meanwhile, and closed later. */
  async #exchange(): Promise<void> {
    const [gone] = this.#guests.splice(this.#random(this.#guests.length), 1) as [Guest];
    const { kind, client, from } = gone;
    const had = kind.hasIds === true ? bodyOf(kind, client, false) : '';
    WAYS_TO_LEAVE[this.#random(WAYS_TO_LEAVE.length)]?.(client);
    for (let opened = 0; opened < 3; opened += 1) this.#files.push(openSync(join(this.#folder, 'another'), 'a'));
    const id = lastIdOf(had);
    if (id === undefined || this.#random(3) === 0) await this.#open(kind, this.#published);
    else {
      const numbers = numbersOf(kind, had);
      this.#assertAll(kind, numbers, from, (numbers.at(-1) ?? from - 1) + 1);
      await this.#open(kind, (numbers.at(-1) ?? from - 1) + 1, id);
    }
    while (this.#files.length > 6) closeSync(this.#files.shift() as number);
  }

  /** Other feeds for one that reads several. */
  #patch(): void {
    const id = this.#guests
      .map(({ client }) => (client.socket.isPaused() ? undefined : /"connection":"([^"]+)"/.exec(client.text)?.[1]))
      .find((found) => found !== undefined);
    if (id === undefined) return;
    const body = JSON.stringify({ feeds: this.#random(2) === 0 ? ['a'] : ['a', 'b'] });
    const headers = { 'Content-Type': 'application/json' };
    this.#patches.push(fetch(`${this.#server.url}/connections/${id}`, { method: 'PATCH', headers, body }));
  }

  /** Heartbeats and beats before their time. */
  #tick(): void {
    for (const { place } of this.#server.delivery.connected.all)
      if (place instanceof Subscriber && this.#random(4) === 0) place.tick(performance.now() + this.#random(20_000));
  }

  #giveRest(): void {
    for (const { place } of this.#server.delivery.connected.all) {
      assert.ok((place?.bytesBehind ?? 0) >= 0);
      if (this.#random(10) === 0) place?.giveRest?.();
    }
  }

  #check({ kind, client, from }: Guest): void {
    const body = bodyOf(kind, client, true);
    this.#assertAll(kind, numbersOf(kind, body), from, this.#published);
    if (kind.dataOf !== CLIENT_KINDS.at(-1)?.dataOf && !body.startsWith('{'))
      assert.equal(sseEvents(body).at(-1)?.type, 'feed.closing', kind.path);
  }

  #assertAll({ path, shows = () => true }: ClientKind, numbers: readonly number[], from: number, until: number): void {
    const expected = Array.from({ length: until - from }, (_, index) => from + index).filter(shows);
    const wrong = expected.findIndex((number, index) => numbers[index] !== number);
    const at = wrong < 0 ? expected.length : wrong;
    const around = JSON.stringify([numbers.slice(at - 2, at + 3), expected.slice(at - 2, at + 3)]);
    assert.ok(wrong < 0 && numbers.length === expected.length, `${path} from ${from} until ${until}: ${around}`);
  }
}

for (let seed = 1; seed <= SEEDS; seed += 1)
  test(`clients that stop, leave, come back and change get each event once, in order, whatever they do (seed ${seed})`, async (context) => {
    let state = seed;
    const random = (below: number) => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    const server = await feedServer(context, { windowBytes: 64 * 1024 });
    const visit = new Visit(context, server, random);
    await visit.begin();
    for (let step = 0; step < STEPS; step += 1) await visit.step();
    await visit.end();
  });
