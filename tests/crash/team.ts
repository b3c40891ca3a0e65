import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type * as Y from 'yjs';
import { CONVERSATION_ROOTS, readVolume } from '../../src/lib/model/conversation.ts';
import { boardDoc, FIRST_VOLUME, inboxDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { join, makeBoard, makeRoom, request, setUp, type Person } from '../harness/people.ts';
import { RawClient } from '../harness/raw-client.ts';
import type { TestServer } from '../harness/server.ts';
import { Device } from './device.ts';
import { carriedWords, misplacedWords } from './words.ts';

type Listed = { id: string; seq: number; author: string; text: string };
type Page<T> = { items: T[]; next: string | null };

/** Which messages of a device mention Maria: few enough that all of one cycle stay in her inbox's window of 200. */
const MENTIONING = [0, 5];
const SENDERS = 4;
/** A ceiling against hanging, for what happens by itself soon after a start. */
const SOON_MS = 60_000;
/** Opening volumes again and again takes sockets, of which the server allows ten a second. */
const LOOK_AGAIN_MS = 1_000;

const labelOf = (text: string): string => text.split(' ', 1)[0] ?? '';

/** The entries in which two copies of a document differ. */
function differences(one: Y.Doc, other: Y.Doc): string[] {
  return CONVERSATION_ROOTS.flatMap((root) => {
    const [a, b] = [one.getMap(root).toJSON(), other.getMap(root).toJSON()];
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].filter((key) => !isDeepStrictEqual(a[key], b[key])).map((key) => `${root}/${key}`);
  });
}

/** Some people who talk in one room, one who is mentioned, and what was seen of it all so far. */
export class Team {
  readonly devices: Device[] = [];
  readonly room: string;
  readonly #server: TestServer;
  readonly owner: Person;
  readonly #maria: Person;
  readonly board: string;
  /** Labels that were found in the room, and the highest number among them. */
  readonly #found = new Set<string>();
  #upTo = 0;
  #context = '';

  private constructor(server: TestServer, people: { owner: Person; maria: Person }, board: string, room: string) {
    this.#server = server;
    this.owner = people.owner;
    this.#maria = people.maria;
    this.board = board;
    this.room = room;
  }

  static async gather(server: TestServer): Promise<Team> {
    const owner = await setUp(server);
    const board = await makeBoard(server, owner);
    const room = await makeRoom(server, owner, board);
    const maria = await join(server, owner, board, 'maria', 'Maria Mentioned');
    const team = new Team(server, { owner, maria }, board, room);
    for (let index = 0; index < SENDERS; index += 1) {
      const person = await join(server, owner, board, `sender${index}`, `Sender ${index}`);
      const text = (label: string, n: number) => (MENTIONING.includes(n) ? `${label} <@${maria.id}>` : label);
      team.devices.push(new Device(server, person, room, text));
    }
    return team;
  }

  get acknowledged(): number {
    return this.devices.reduce((sum, device) => sum + device.acknowledged.size, 0);
  }

  get sent(): number {
    return this.devices.reduce((sum, device) => sum + device.sent, 0);
  }

  get found(): number {
    return this.#found.size;
  }

  work(): void {
    for (const device of this.devices) device.work();
  }

  async settle(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.settle()));
  }

  async end(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.end()));
  }

  /** What the server had promised when it died. */
  promised(): string[] {
    return this.devices.flatMap((device) => [...device.acknowledged]);
  }

  /** Proves of a server that is back: what was `promised` is there, nothing is doubled, there is one order for all. */
  async verify(promised: readonly string[], context: string): Promise<void> {
    this.#context = context;
    const mentions = await this.#verifyRoom(promised);
    await this.settle();
    mentions.push(...(await this.#verifyRoom(this.promised())));
    await this.#verifyDocuments();
    await this.#verifyNotifications(mentions);
  }

  /**
   * Proves at the end that the room's volumes hold each message once, in the one order, and its words in the volume where
   * it stands and in no other. Answers how many were carried there from an older one.
   */
  async verifyWhole(): Promise<number> {
    await this.settle();
    await this.#verifyRoom(this.promised());
    const volumes = await this.#loadRoom();
    const deadline = Date.now() + SOON_MS;
    for (;;) {
      const all = [...volumes.values()].flatMap((doc) => {
        const { first, messages } = readVolume(doc);
        return messages.flatMap(({ seq }) => (seq !== null && seq >= (first ?? 1) ? [seq] : []));
      });
      expect(all, 'the volumes hold every number once').toEqual(Array.from({ length: this.#upTo }, (_, n) => n + 1));
      const wrong = misplacedWords(volumes);
      if (wrong.length === 0) return carriedWords(volumes);
      // A job carries them soon after they came.
      if (Date.now() > deadline) expect(wrong, 'words stand once, where their message stands').toEqual([]);
      await pause(LOOK_AGAIN_MS);
      for (const volume of new Set(wrong.flatMap(({ log, words }) => [...log, ...words]))) {
        volumes.set(volume, await this.#loadVolume(volume));
      }
    }
  }

  /** Every volume, by its number. */
  async #loadRoom(): Promise<Map<number, Y.Doc>> {
    const volumes = new Map<number, Y.Doc>();
    for (let volume = FIRST_VOLUME, next: number | null = volume; next !== null; volume += 1) {
      const doc = await this.#loadVolume(volume);
      volumes.set(volume, doc);
      next = readVolume(doc).next;
    }
    return volumes;
  }

  #loadVolume(volume: number): Promise<Y.Doc> {
    return this.#load(volumeDoc(`room/${this.room}`, volume), this.owner);
  }

  /** Reads what is new in the room. Gives the ids of the messages that mention Maria. */
  async #verifyRoom(promised: readonly string[]): Promise<string[]> {
    const fresh = await this.#list<Listed>(this.owner, `/rooms/${this.room}/messages`, ({ seq }) => seq <= this.#upTo);
    const top = fresh[0]?.seq ?? this.#upTo;
    const numbers = Array.from({ length: top - this.#upTo }, (_, n) => top - n);
    expect(
      fresh.map(({ seq }) => seq),
      `numbered without gap or double; ${this.#context}`,
    ).toEqual(numbers);
    for (const { text } of fresh) {
      const label = labelOf(text);
      expect(this.#found.has(label), `${label} is doubled; ${this.#context}`).toBe(false);
      this.#found.add(label);
    }
    this.#upTo = top;
    const lost = promised.filter((label) => !this.#found.has(label));
    expect(lost, `lost; ${this.#context}`).toEqual([]);
    for (const { person } of this.devices) {
      const own = fresh
        .filter(({ author }) => author === person.id)
        .map(({ text }) => Number(labelOf(text).split('-')[1]));
      expect(own, `in the order of ${person.username}; ${this.#context}`).toEqual([...own].sort((a, b) => b - a));
    }
    return fresh.filter(({ text }) => text.includes('<@')).map(({ id }) => id);
  }

  /** Whoever opens the documents afresh finds what everybody has. */
  async #verifyDocuments(): Promise<void> {
    const heads = new Set(this.devices.flatMap(({ volumes }) => volumes.slice(-2).map(({ volume }) => volume)));
    for (const volume of heads) {
      const open = () => this.#load(volumeDoc(`room/${this.room}`, volume), this.owner);
      let reader = await open();
      const deadline = Date.now() + SOON_MS;
      for (const { person, volumes } of this.devices) {
        const client = volumes.find((one) => one.volume === volume && one.client.connected)?.client;
        if (!client) continue;
        let differing = differences(client.doc, reader);
        while (differing.length > 0 && Date.now() < deadline) {
          await pause(LOOK_AGAIN_MS);
          // Afresh: a job may have carried words out of a full volume since, which is news to what was read before.
          reader = await open();
          differing = differences(client.doc, reader);
        }
        expect(differing, `volume ${volume} of ${person.username}; ${this.#context}`).toEqual([]);
        expect(client.refusals, person.username).toEqual([]);
      }
    }
    await this.#load(boardDoc(this.board), this.owner);
    await this.#load(inboxDoc(this.#maria.id), this.#maria);
  }

  async #load(name: string, person: Person) {
    const reader = new RawClient(this.#server.url, person, name);
    const deadline = Date.now() + SOON_MS;
    while (!(await reader.connect())) {
      expect(reader.refusals, `${name} loads; ${this.#context}`).toEqual([]);
      if (Date.now() > deadline) throw new Error(`${name} does not load; ${this.#context}`);
      await pause(LOOK_AGAIN_MS);
    }
    await reader.until(() => reader.synced);
    reader.close();
    return reader.doc;
  }

  /** Delivery is a job after the commit: it is there soon, and then exact. */
  async #verifyNotifications(mentions: readonly string[]): Promise<void> {
    const read = async () =>
      (await this.#list<{ message: string }>(this.#maria, '/notifications')).map((n) => n.message);
    const deadline = Date.now() + SOON_MS;
    for (;;) {
      const shown = await read();
      expect(new Set(shown).size, `a mention is shown twice; ${this.#context}`).toBe(shown.length);
      const missing = mentions.filter((id) => !shown.includes(id));
      if (missing.length === 0) return;
      if (Date.now() > deadline) expect(missing, `never notified; ${this.#context}`).toEqual([]);
      await pause(20);
    }
  }

  /** Reads as a program does: told that the database is away, it asks again, until `SOON_MS`. */
  async #get<T>(person: Person, path: string): Promise<T> {
    const deadline = Date.now() + SOON_MS;
    for (;;) {
      const answer = await request(this.#server, person, 'GET', path);
      const body = await answer.text();
      if (answer.ok) return JSON.parse(body) as T;
      const again = answer.status === 503 && answer.headers.has('retry-after') && Date.now() < deadline;
      if (!again) throw new Error(`GET ${path} answered ${answer.status}: ${body}; ${this.#context}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** All pages, or those before the first item that is `known`. */
  async #list<T>(person: Person, path: string, known: (item: T) => boolean = () => false): Promise<T[]> {
    const all: T[] = [];
    let cursor: string | null = null;
    do {
      const query: string = `?limit=100${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: Page<T> = await this.#get<Page<T>>(person, `${path}${query}`);
      const end = page.items.findIndex(known);
      all.push(...page.items.slice(0, end === -1 ? undefined : end));
      cursor = end === -1 ? page.next : null;
    } while (cursor !== null);
    return all;
  }
}
