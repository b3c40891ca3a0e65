import type * as Y from 'yjs';
import { SyncClient } from '../../src/lib/sync/client.ts';
import { LOCAL_ORIGIN, type OpenDocument } from '../../src/lib/sync/open-document.svelte.ts';
import type { ServerApi } from '../../src/lib/sync/server-api.ts';
import { readHeads, readPeople } from '../../src/lib/model/board.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { readVolume } from '../../src/lib/model/conversation.ts';
import { boardDoc, FIRST_VOLUME, volumeDoc, type ConversationRef } from '../../src/lib/model/names.ts';
import type { Role } from '../../src/lib/model/roles.ts';
import type { AuthedUser } from '../../server/sync/types.ts';
import { Owner, type Clock } from './clock.ts';
import type { History } from './history.ts';
import { Disk } from './idb.ts';
import type { Link } from './net.ts';
import type { Chance } from './chance.ts';

export type Person = Omit<AuthedUser, 'session'>;

/** What a tab needs of the world around it. */
export type Surroundings = {
  clock: Clock;
  chance: Chance;
  history: History;
  links: Map<Owner, Link>;
  api(tab: Tab): ServerApi;
  /** The server said that the session has ended. */
  signedOut(tab: Tab): void;
};

/** A phone or a computer: one disk, one way to the network, one clock, and tabs. */
export class Device {
  readonly name: string;
  readonly person: Person;
  readonly disk: Disk;
  readonly link: Link;
  /** How far its clock is off, in milliseconds. */
  skew: number;
  /** What it is signed in with. */
  token: string;
  readonly tabs: Tab[] = [];
  readonly world: Surroundings;
  #opened = 0;

  constructor(world: Surroundings, name: string, person: Person, token: string, skew: number) {
    this.world = world;
    this.name = name;
    this.person = person;
    this.token = token;
    this.skew = skew;
    this.disk = new Disk(world.chance);
    this.link = { up: true, hole: false, latency: world.chance.between(3, 60) };
  }

  /** `born` hears of the tab's process before anything runs in it. */
  open(born: (owner: Owner) => void): Tab {
    this.#opened += 1;
    const tab = new Tab(this, `${this.name}.${this.#opened}`, born);
    this.tabs.push(tab);
    return tab;
  }

  /** Closed by a lid, not by its person. */
  get asleep(): boolean {
    return this.tabs.some((tab) => tab.owner.asleep);
  }

  /** Its clock is set, forward or back: by hand, by the network, by a battery that was empty. */
  setClock(byMs: number): void {
    this.skew += byMs;
    for (const { owner } of this.tabs) owner.skew = this.skew;
  }

  /** The lid is closed, or opened: tabs neither run nor hear meanwhile. */
  sleep(asleep: boolean): void {
    for (const { owner } of this.tabs) {
      if (asleep) owner.asleep = true;
      else this.world.clock.wake(owner);
    }
  }
}

/** One tab, with the whole client in it. */
export class Tab {
  readonly device: Device;
  readonly owner: Owner;
  client!: SyncClient;
  readonly bornAt: number;
  diedAt = Infinity;
  closing = false;
  /** What the person looks at, besides the inbox. */
  board: OpenDocument | null = null;
  task: OpenDocument | null = null;
  conversation: { ref: ConversationRef; volumes: Map<number, OpenDocument> } | null = null;

  constructor(device: Device, name: string, born: (owner: Owner) => void) {
    const { world, person, token } = device;
    this.device = device;
    this.owner = new Owner(name);
    this.owner.skew = device.skew;
    this.bornAt = world.clock.now;
    world.links.set(this.owner, device.link);
    born(this.owner);
    // An event of its own: what it sets going belongs to this tab.
    this.do(() => {
      const endpoint = { base: '', origin: 'http://sim', token, fetch: globalThis.fetch };
      const { id, seq, username, name: shown, admin } = person;
      this.client = new SyncClient(
        { id, seq, username, name: shown, admin, session: token },
        endpoint,
        world.api(this),
        {
          signedOut: () => world.signedOut(this),
        },
      );
      world.history.follow(this);
    });
  }

  get me(): string {
    return this.device.person.id;
  }

  get usable(): boolean {
    return this.ready && !this.closing && !this.owner.asleep;
  }

  /** False before the page has run its first line, and after the last. */
  get ready(): boolean {
    return (this.client as SyncClient | undefined) !== undefined && !this.owner.dead;
  }

  /** Does something in this tab, as soon as it runs. */
  do(work: () => void): void {
    this.device.world.clock.at(this.owner, 0, work);
  }

  change<T>(open: OpenDocument, fn: (doc: Y.Doc) => T): T {
    const { doc } = open;
    return doc.transact(() => fn(doc), LOCAL_ORIGIN);
  }

  /** As a tab that crashes: what was not complete on the disk is gone. */
  crash(): void {
    if (this.owner.dead) return;
    this.device.world.history.crashed(this);
    this.#end();
  }

  /** Closed in order, as far as a browser waits for it: the writes under way may or may not get through. */
  async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.owner.onDeath.add(resolve);
    this.do(() => {
      this.leave();
      void this.client
        .close()
        .then(() => this.device.world.clock.wait(this.owner, 50))
        .then(resolve);
    });
    await promise;
    if (this.owner.dead) return;
    this.device.world.history.crashed(this);
    this.#end();
  }

  #end(): void {
    const { world, tabs } = this.device;
    this.diedAt = world.clock.now;
    world.clock.kill(this.owner);
    world.links.delete(this.owner);
    tabs.splice(tabs.indexOf(this), 1);
  }

  /** Looks at nothing any more. */
  leave(): void {
    this.board?.release();
    this.task?.release();
    for (const open of this.conversation?.volumes.values() ?? []) open.release();
    this.board = null;
    this.task = null;
    this.conversation = null;
  }

  lookAtBoard(id: string): void {
    const name = boardDoc(id);
    if (this.board?.name === name) return;
    this.leave();
    this.board = this.client.documents.open(name);
  }

  lookAtTask(name: string): void {
    if (this.task?.name === name) return;
    this.task?.release();
    this.task = this.client.documents.open(name);
  }

  lookAt(ref: ConversationRef): void {
    if (this.conversation?.ref !== ref) {
      for (const open of this.conversation?.volumes.values() ?? []) open.release();
      this.conversation = { ref, volumes: new Map() };
    }
    this.follow();
  }

  /** Opens the head volume, as far as this tab knows which that is, and lets the oldest go. */
  follow(): OpenDocument | null {
    if (this.conversation === null) return null;
    const { ref, volumes } = this.conversation;
    const known = this.board === null ? 0 : (readHeads(this.board.doc).get(ref)?.volume ?? 0);
    let head = Math.max(FIRST_VOLUME, known, ...volumes.keys());
    for (let open = this.#volume(head); ; open = this.#volume(head)) {
      const { next } = readVolume(open.doc);
      if (next === null || next <= head) break;
      head = next;
    }
    for (const [number, open] of volumes) {
      if (volumes.size <= 3 || number === head) continue;
      open.release();
      volumes.delete(number);
    }
    return this.#volume(head);
  }

  #volume(number: number): OpenDocument {
    const conversation = this.conversation;
    if (conversation === null) throw new Error('looks at no conversation');
    let open = conversation.volumes.get(number);
    if (open === undefined) {
      open = this.client.documents.open(volumeDoc(conversation.ref, number));
      conversation.volumes.set(number, open);
    }
    return open;
  }

  /** What this person may do on the board they look at, as far as the tab knows. */
  get role(): Role | null {
    if (this.board === null) return null;
    const { id } = this.board.parsed;
    const listed = readPeople(this.board.doc).get(this.me)?.role;
    return (
      listed ?? readInbox(this.client.inbox.doc).boards.find((board) => board.id === id && board.pending)?.role ?? null
    );
  }
}
