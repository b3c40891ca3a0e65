import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as Y from 'yjs';
import { boardDoc, inboxDoc, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import type { Role } from '../../src/lib/model/roles.ts';
import type { Watched } from '../harness/loop-watch.ts';
import { join, type Person } from '../harness/people.ts';
import { TestServer, type ServerOptions } from '../harness/server.ts';
import { Attacker, type Door } from './attacker.ts';
import { Bystanders, populate, secretsFrom, type Population } from './population.ts';
import { RawSocket } from './raw-socket.ts';

/** Processor time for which nobody else may have to wait. */
const STALL_MS = 250;
/** What an attack may leave behind in memory, over all cases of a file. */
const GROWTH_BYTES = 400 * 1024 * 1024;
const STALLS_TOLD = 5;
const PRELOAD = import.meta.resolve('../harness/loop-watch.ts');
/** Roots of maps that nobody may have changed. Left out: `heads`, which follows the bystanders' talk, and `read`. */
const MAPS = ['m', 'mod', 'log', 'meta', 'b', 'people', 'rooms', 'boards', 'asked', 'drafts', 'prefs', 'ask'];

type Canonical = Record<string, unknown>;

/** An answer of HTTP. `body` is the parsed JSON, or the text when it is none. */
export type Answer = { status: number; headers: Headers; text: string; body: unknown };

/**
 * One real server with people on it, for all cases of a test file. Call at the top of the file; each `attack` is a test
 * that fails when what it did leaked, hurt anybody else, ended the process or kept it from others for too long.
 */
export class Arena {
  readonly #options: ServerOptions;
  readonly #watch = joinPath(tmpdir(), `taskflow-watch-${randomBytes(6).toString('hex')}`);
  #server: TestServer | null = null;
  #people: Population | null = null;
  #bystanders: Bystanders | null = null;
  #pid: number | undefined;
  #protected = new Map<string, Canonical>();
  #restingRss = 0;
  #newcomers = 0;
  /** Each has the documents open that its person may read. */
  #readers = new Map<string, Attacker>();
  #attackers: Attacker[] = [];
  #sockets: { socket: RawSocket; person: Person | null }[] = [];
  #heard: { bytes: Buffer; person: Person | null }[] = [];
  /** Milliseconds of processor time, and the case in which it was. */
  #stalls: [ms: number, name: string][] = [];

  constructor(options: ServerOptions = {}) {
    this.#options = options;
    beforeAll(() => this.#open(), 180_000);
    afterAll(() => this.#close());
  }

  get server(): TestServer {
    if (this.#server === null) throw new Error('the server is there inside of a test');
    return this.#server;
  }

  get people(): Population {
    if (this.#people === null) throw new Error('the people are there inside of a test');
    return this.#people;
  }

  /** A test. `fn` asserts the right answer to what it does; all else is asserted around it. */
  attack(name: string, fn: (arena: this) => Promise<void>, { timeout = 60_000 } = {}): void {
    it(
      name,
      async () => {
        await this.#watched();
        try {
          await fn(this);
          await this.unharmed(name);
        } finally {
          this.leave();
        }
      },
      timeout,
    );
  }

  /** One more account on `home`, for a case that leaves its person without rights or behind their pace. */
  async newcomer(role: Role = 'member'): Promise<Person> {
    const name = `new${++this.#newcomers}`;
    const person = await join(this.server, this.people.olga, this.people.home.board, name, `${name} Person`, role);
    await this.accept();
    return person;
  }

  /** A WebSocket of this person, or of nobody. */
  connect(person: Person | null, door: Door = {}): Attacker {
    const attacker = new Attacker(this.server.url, person, door);
    this.#attackers.push(attacker);
    return attacker;
  }

  /** The same, once it is open. */
  async enter(person: Person | null, door: Door = {}): Promise<Attacker> {
    const attacker = this.connect(person, door);
    if (!(await attacker.open())) throw new Error(`not let in: ${JSON.stringify(attacker.ended)}`);
    return attacker;
  }

  /** What a socket of nobody receives may be read by this person, who has told a token on it. */
  own(attacker: Attacker, person: Person): void {
    attacker.person = person;
  }

  /** A TCP connection that says whatever bytes it is told. `person` is whose cookie it will use. */
  raw(person: Person | null = null): RawSocket {
    const socket = new RawSocket(this.server.port);
    this.#sockets.push({ socket, person });
    return socket;
  }

  /** Any HTTP request, with nothing added but the person's cookie and the Origin of our own pages. */
  async http(person: Person | null, method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const own = { origin: this.server.url, ...(person && { cookie: person.cookie }) };
    const response = await fetch(this.server.url + path, {
      method,
      redirect: 'manual',
      ...init,
      headers: { ...own, ...(init.headers as Record<string, string> | undefined) },
    });
    const text = await response.text();
    const { status, headers } = response;
    this.heard(person, text, JSON.stringify([...headers]));
    const isJson = headers.get('content-type')?.startsWith('application/json');
    return { status, headers, text, body: isJson && text !== '' ? (JSON.parse(text) as unknown) : text };
  }

  /** Remembers what somebody received by another way than these, so that leaks in it are found. */
  heard(person: Person | null, ...received: (string | Uint8Array)[]): void {
    for (const bytes of received) this.#heard.push({ bytes: Buffer.from(bytes as Uint8Array), person });
  }

  /** What holds after every case. */
  async unharmed(name: string): Promise<void> {
    const bystanders = this.#bystanders;
    if (bystanders === null) throw new Error('nobody is there');
    expect(this.#runs(), 'the same process lives').toBe(true);
    expect(bystanders.undisturbed, 'no socket of a bystander was closed').toBe(true);
    await bystanders.talk();
    for (const probe of ['/healthz', '/readyz']) expect((await fetch(this.server.url + probe)).status, probe).toBe(200);
    expect(await this.#readProtected(), 'what others wrote').toEqual(this.#protected);
    this.#expectNoLeak();
    await this.expectNoStall(name);
  }

  /** Fails when the server's main thread was busy with one thing for longer, since this was asked last. */
  async expectNoStall(name: string, limitMs = STALL_MS): Promise<void> {
    const { longestStall, rss } = await this.#watched();
    this.#stalls.push([longestStall, name]);
    expect(longestStall, 'milliseconds of processor time in one turn of the event loop').toBeLessThan(limitMs);
    expect(rss - this.#restingRss, 'bytes of resident memory').toBeLessThan(GROWTH_BYTES);
  }

  /** Also for a case that changes a protected document on purpose: what is there now is right. */
  async accept(): Promise<void> {
    this.#protected = await this.#readProtected();
  }

  #runs(): boolean {
    if (this.#pid === undefined || this.server.pid !== this.#pid) return false;
    try {
      return process.kill(this.#pid, 0);
    } catch {
      // There is no such process any more.
      return false;
    }
  }

  async #open(): Promise<void> {
    const env = { ...this.#options.env, NODE_OPTIONS: `--import ${PRELOAD}`, LOOP_WATCH: this.#watch };
    this.#server = await TestServer.start({ ...this.#options, env });
    this.#people = await populate(this.#server);
    this.#bystanders = await Bystanders.arrive(this.#server, this.#people);
    await this.#bystanders.talk();
    this.#pid = this.#server.pid;
    await this.accept();
    this.#restingRss = (await this.#watched()).rss;
  }

  /** What the attacks left in the log does no harm later either: the next process reads the same from it. */
  async #close(): Promise<void> {
    try {
      this.leave();
      this.#bystanders?.leave();
      await this.accept();
      expect(await this.#server?.stop(), 'it stops in order').toBe(0);
      await this.#server?.start();
      this.#readers.clear();
      expect(await this.#readProtected(), 'what others wrote, after a restart').toEqual(this.#protected);
    } finally {
      await this.#server?.dispose();
      rmSync(this.#watch, { force: true });
    }
    const longest = this.#stalls.sort(([a], [b]) => b - a).slice(0, STALLS_TOLD);
    const lines = longest.map(([ms, name]) => `  ${ms.toFixed(0).padStart(4)} ms ${name}\n`);
    process.stdout.write(`Longest turns of the event loop, in processor time:\n${lines.join('')}`);
  }

  /** Ends every connection of the case that is over. */
  leave(): void {
    for (const { ws } of this.#attackers) ws.terminate();
    for (const { socket } of this.#sockets) socket.socket.destroy();
    this.#attackers = [];
    this.#sockets = [];
    this.#heard = [];
  }

  #watched(): Promise<Watched> {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(this.#watch);
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('error', reject);
      socket.on('end', () => resolve(JSON.parse(text) as Watched));
    });
  }

  #expectNoLeak(): void {
    const received = [
      ...this.#attackers.flatMap(({ person, received }) => received.map((bytes) => ({ person, bytes }))),
      ...this.#sockets.map(({ person, socket }) => ({ person, bytes: Buffer.concat(socket.received) })),
      ...this.#heard,
    ];
    for (const { person, bytes } of received) {
      for (const secret of secretsFrom(this.people, person)) {
        expect(bytes.includes(secret), `others’ words in what ${person?.username ?? 'nobody'} received`).toBe(false);
      }
    }
  }

  /** Read afresh from the server, by those who may, as canonical JSON. */
  async #readProtected(): Promise<Map<string, Canonical>> {
    const { olga, oscar, bea, home, other } = this.people;
    const documentsOf = ({ board, room, task }: typeof home): string[] => [
      boardDoc(board),
      volumeDoc(`room/${room}`, 1),
      taskDoc(task),
      volumeDoc(`task/${task}`, 1),
    ];
    const found = new Map<string, Canonical>();
    for (const [person, names] of [
      [olga, documentsOf(home)],
      [oscar, documentsOf(other)],
      [bea, [inboxDoc(bea.id)]],
    ] as const) {
      const known = this.#readers.get(person.id);
      const reader = known ?? new Attacker(this.server.url, person);
      this.#readers.set(person.id, reader);
      await reader.open();
      for (const name of names) {
        const doc = known === undefined ? await reader.fetch(name) : await reader.read(name);
        found.set(name, canonical(doc, bea.id));
      }
    }
    return found;
  }
}

/** All roots of a document as plain values, without what `talker` says all the time. */
function canonical(doc: Y.Doc, talker: string): Canonical {
  const strange = [...doc.share.keys()].filter((root) => ![...MAPS, 'n', 'desc', 'heads', 'read'].includes(root));
  const isTalk = ([key, value]: [string, unknown]): boolean =>
    key.startsWith(`m/${talker}/`) || JSON.stringify(value).startsWith(`["${talker}/`);
  const maps = MAPS.map((root) => {
    const entries = Object.entries(doc.getMap(root).toJSON());
    return [root, Object.fromEntries(entries.filter((entry) => !isTalk(entry)))] as const;
  });
  return {
    ...Object.fromEntries(maps),
    n: doc.getArray('n').toJSON(),
    desc: doc.getXmlFragment('desc').toJSON(),
    strange,
  };
}
