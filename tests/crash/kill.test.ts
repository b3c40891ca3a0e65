import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendMessage } from '../../src/lib/model/conversation.ts';
import { FIRST_VOLUME, volumeDoc } from '../../src/lib/model/names.ts';
import { call, join, makeBoard, makeRoom, setUp, type Person } from '../harness/people.ts';
import { startPostgres, type TestPostgres } from '../harness/postgres.ts';
import { RawClient } from '../harness/raw-client.ts';
import { TestServer } from '../harness/server.ts';

/** How many times the server is killed on each engine. More on demand: KILLS=1000. */
const KILLS = Number(process.env.KILLS ?? 20);
/**
 * On one connection in MENTION_EVERY a sender's first and sixth message mention Maria: few enough that all her
 * notifications stay in the inbox's window of 200, spread over the whole run.
 */
const MENTION_EVERY = Math.ceil(KILLS / 20);
const MENTIONING = [0, 5];
const SENDERS = 4;

/** mulberry32: a small seeded generator, so that a failing run can be repeated by its printed seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Listed = { id: string; seq: number; author: string; text: string };
type Page<T> = { items: T[]; next: string | null };

async function everything<T>(server: TestServer, person: Person, path: string): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const page: Page<T> = await call<Page<T>>(server, person, 'GET', `${path}${query}`);
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return all;
}

/** Sends messages as fast as they are acknowledged, a few in flight, until told to stop; reconnects by itself. */
class Sender {
  readonly client: RawClient;
  readonly person: Person;
  #mention: string;
  #stopped = false;
  #sent = 0;
  #connections = 0;
  #sentHere = 0;
  #running: Promise<void>;

  constructor(server: TestServer, person: Person, room: string, mention: string) {
    this.person = person;
    this.#mention = mention;
    this.client = new RawClient(server.url, person, volumeDoc(`room/${room}`, FIRST_VOLUME));
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      if (!(await this.client.connect())) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      this.#connections += 1;
      this.#sentHere = 0;
      while (!this.#stopped && this.client.connected) {
        await this.client.until(() => !this.client.connected || this.client.unacknowledged < 4 || this.#stopped);
        if (this.client.connected && !this.#stopped) this.#send();
      }
    }
  }

  #send(): void {
    const number = this.#sent++;
    const label = `${this.person.username}-${number}`;
    const mentions = this.#connections % MENTION_EVERY === 0 && MENTIONING.includes(this.#sentHere++);
    const text = mentions ? `${label} <@${this.#mention}>` : label;
    this.client.change(label, (doc) => {
      sendMessage(doc, this.person.id, { text });
    });
  }

  /** Stops sending and waits until everything sent is acknowledged. */
  async finish(): Promise<void> {
    await this.client.until(() => this.client.unacknowledged < 4);
    this.#stopped = true;
    await this.client.until(() => this.client.unacknowledged === 0);
    this.client.close();
    await this.#running;
  }
}

describe.each(['embedded', 'postgres'] as const)('SIGKILL under load on %s', (engine) => {
  let postgres: TestPostgres | null = null;
  let server: TestServer;

  beforeAll(async () => {
    if (engine === 'postgres') postgres = await startPostgres();
    server = await TestServer.start({ engine: postgres ? { postgres: postgres.url } : 'embedded' });
  });

  afterAll(async () => {
    await server.dispose();
    await postgres?.stop();
  });

  test(`${KILLS} kills lose no acknowledged message, double none, and notify each mention once`, async () => {
    const seed = Number(process.env.SEED ?? 20261122);
    const random = randomFrom(seed);
    const owner = await setUp(server);
    const board = await makeBoard(server, owner);
    const room = await makeRoom(server, owner, board);
    const maria = await join(server, owner, board, 'maria', 'Maria Mentioned');
    const senders: Sender[] = [];
    for (let index = 0; index < SENDERS; index += 1) {
      const person = await join(server, owner, board, `sender${index}`, `Sender ${index}`);
      senders.push(new Sender(server, person, room, maria.id));
    }

    let acknowledged = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = acknowledged;
      const count = () => senders.reduce((sum, sender) => sum + sender.client.acknowledged.size, 0);
      // Under load means: something was acknowledged since the last start. Then a random moment.
      await Promise.race(senders.map((sender) => sender.client.until(() => count() > before)));
      await new Promise((resolve) => setTimeout(resolve, random() * 300));
      await server.kill();
      acknowledged = count();
      await server.start();
    }
    await Promise.all(senders.map((sender) => sender.finish()));

    const promised = senders.flatMap((sender) => [...sender.client.acknowledged]);
    const listed = await everything<Listed>(server, owner, `/rooms/${room}/messages`);
    const labels = listed.map((message) => message.text.split(' ', 1)[0] ?? '');
    const context = `seed ${seed}, ${promised.length} acknowledged, ${listed.length} listed`;
    const present = new Set(labels);
    expect(
      promised.filter((label) => !present.has(label)),
      `lost; ${context}`,
    ).toEqual([]);
    expect(labels.length, `doubled; ${context}`).toBe(present.size);
    const seqs = listed.map((message) => message.seq);
    expect(seqs, `newest first, no number twice; ${context}`).toEqual([...new Set(seqs)].sort((a, b) => b - a));
    for (const sender of senders) {
      const own = listed.filter((message) => message.author === sender.person.id).reverse();
      const order = own.map((message) => Number(message.text.split(' ', 1)[0]?.split('-')[1]));
      expect(order, `${sender.person.username}'s messages in order; ${context}`).toEqual(
        [...order].sort((a, b) => a - b),
      );
    }

    const mentions = listed.filter((message) => message.text.includes(' '));
    type Notified = { message: string };
    const wanted = mentions.map((message) => message.id).sort();
    let notified: string[] = [];
    // Delivery is a job that runs after the commit: poll until it has caught up, then it must be exact.
    for (let attempt = 0; attempt < 200 && notified.length < wanted.length; attempt += 1) {
      notified = (await everything<Notified>(server, maria, '/notifications')).map((one) => one.message).sort();
      if (notified.length < wanted.length) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(notified, `each mention once; ${context}`).toEqual(wanted);
  });
});
