import type * as Y from 'yjs';
import { ROOMS_ROOT } from '../model/board.ts';
import { ASKED_ROOT, readInbox } from '../model/inbox.ts';
import { readPrivateRooms } from '../model/inbox-rooms.ts';
import { newId, type RoomId } from '../model/ids.ts';
import { boardDoc, inboxDoc } from '../model/names.ts';
import { Asides } from './aside-store.svelte.ts';
import {
  Catalog,
  documentDatabase,
  NEW_COPY,
  newRow,
  wipeDatabases,
  type DocumentNote,
  type DocumentRow,
} from './catalog.ts';
import { Documents } from './registry.ts';
import { socketUrl, type Endpoint } from './endpoint.ts';
import { persist } from './estimate.ts';
import { StorageFaults } from './faults.svelte.ts';
import { Freshening } from './freshening.svelte.ts';
import type { Host, Me } from './host.ts';
import type { OpenDocument } from './open-document.svelte.ts';
import { Outbox } from './outbox.svelte.ts';
import type { Purge } from './purge.ts';
import { Pusher } from './pusher.ts';
import type { ServerApi } from './server-api.ts';
import { Slots } from './slots.ts';
import { Socket, type ConnectionState } from './socket.svelte.ts';
import { Tabs, type TabMessage } from './tabs.ts';

/** Documents attached at a time. */
const ATTACHED = 40;
/** So long after a change to a board or to the inbox the documents that it created may not be known yet. */
const APPEARS_MS = 3_000;
/** So long words wait for a room that nothing here knows of: who was sent its address may be quicker than its maker. */
const ROOM_APPEARS_MS = 60_000;

type Ends = {
  /** The server, or another tab, says that this person is not signed in any more. `wiped`: nothing of them is to stay. */
  signedOut(wiped: boolean): void;
  /** Whether this device still counts this person as signed in; without this it never does. */
  remembered?(): boolean;
};

/** Under which the catalog's faults are told; documents' are told under their names. */
const CATALOG = '';

/** Everything that synchronising needs while one person is signed in, in this tab. Ends with `close`. */
export class SyncClient implements Host {
  readonly me: Me;
  readonly endpoint: Endpoint;
  readonly api: ServerApi;
  readonly catalog: Catalog;
  readonly tabs: Tabs;
  readonly outbox: Outbox;
  readonly asides: Asides;
  readonly faults = new StorageFaults();
  readonly socket: Socket;
  readonly slots = new Slots(ATTACHED);
  readonly documents: Documents;
  readonly ready: Promise<void>;
  readonly inbox: OpenDocument;
  readonly #ends: Ends;
  readonly #rows = new Map<string, DocumentRow>();
  /** Per reading of the catalog under way, what was noted since it began. */
  readonly #readings = new Set<Map<string, DocumentNote>>();
  readonly freshener: Freshening;
  readonly #pusher: Pusher;
  #purge: Promise<Purge> | null = null;
  #closed = false;
  #persisted = false;
  /** Documents with words that were denied once, with nothing under way that makes them known. */
  readonly #denied = new Set<string>();
  /** The private rooms of this person as the server listed them last, since this began. */
  #rooms: ReadonlySet<RoomId> = new Set();
  /** Since when words have waited for a room that is denied and that nothing here makes known. */
  readonly #strange = new Map<string, number>();
  /** When the server last took a change that may have created documents. */
  #createdAt = -Infinity;

  constructor(me: Me, endpoint: Endpoint, api: ServerApi, ends: Ends) {
    this.me = me;
    this.endpoint = endpoint;
    this.api = api;
    this.#ends = ends;
    this.catalog = new Catalog(me.id, {
      failed: (reason) => this.faults.report(CATALOG, reason),
      recovering: () => this.#readAgain(),
      recovered: () => this.#onStorageBack(),
      mayRemake: () => this.mayRemake(),
    });
    this.tabs = new Tabs(me.id, newId(), (message) => this.#receive(message));
    this.outbox = new Outbox(this.catalog, this.tabs);
    this.asides = new Asides(this.catalog, this.tabs);
    this.ready = this.#load();
    this.socket = new Socket(socketUrl(endpoint, me.id), () => this.inbox.ask());
    this.documents = new Documents(this);
    this.freshener = new Freshening(this, this.documents, api);
    this.#pusher = new Pusher(this, this.documents);
    this.inbox = this.documents.open(inboxDoc(me.id));
    this.outbox.changed = (name) => {
      if (this.outbox.of(name) === 0) this.#strange.delete(name);
      // Any tab's changes: what they created may be known from now on.
      if (createsOthers(name) && this.outbox.of(name) === 0) this.#createdAt = performance.now();
      this.#pusher.hint();
    };
    this.socket.onState((state) => this.#onState(state));
  }

  row(name: string): DocumentRow | undefined {
    return this.#rows.get(name);
  }

  rows(): DocumentRow[] {
    return [...this.#rows.values()];
  }

  async refresh(): Promise<void> {
    const noted = new Map<string, DocumentNote>();
    this.#readings.add(noted);
    const rows = await this.catalog.documents();
    this.#readings.delete(noted);
    // What was noted while the catalog was being read is newer than what was read.
    for (const row of rows) {
      // Another tab may have begun a later copy, and not said so there yet.
      if (row.lineage < (this.row(row.name)?.lineage ?? '')) continue;
      this.#rows.set(row.name, { ...row, ...noted.get(row.name) });
    }
  }

  note(name: string, change: DocumentNote): void {
    const known = this.#rows.get(name);
    const same = (Object.keys(change) as (keyof DocumentNote)[]).every((key) => known?.[key] === change[key]);
    this.#know(name, change);
    if (!same || known === undefined) void this.catalog.note(name, change);
  }

  began(name: string, lineage: string): void {
    this.#know(name, { ...NEW_COPY, lineage });
  }

  #know(name: string, change: DocumentNote): void {
    for (const noted of this.#readings) noted.set(name, { ...noted.get(name), ...change });
    this.#rows.set(name, { ...(this.#rows.get(name) ?? newRow(name)), ...change });
  }

  signedOut(wiped = false): void {
    if (!this.#closed) this.#ends.signedOut(wiped);
  }

  revoked(open: OpenDocument): void {
    void this.#onRevoked(open);
  }

  absent(open: OpenDocument): void {
    const { parsed } = open;
    if (this.inbox.remote.kind !== 'synced') return;
    if (parsed.kind !== 'board') {
      if (parsed.kind === 'room' && this.row(open.name)?.onDevice === true && this.outbox.of(open.name) === 0) {
        // It could be read once, and a room that is there is never denied to who is in it.
        void this.#purging((purge) => purge.conversation('room', parsed.id));
        return;
      }
      if (this.outbox.of(open.name) === 0) return;
      // The card that would have made it was refused: words in it will never be accepted. Not at the first denial, which
      // may have been on its way since before the card was accepted.
      if (this.#denied.has(open.name)) void this.#purging((purge) => purge.denied(open.name));
      this.#denied.add(open.name);
      return;
    }
    // What has been taken already is not taken again and again, as long as somebody looks at its place.
    if (!open.onDevice && this.outbox.of(open.name) === 0) return;
    // Someone who was removed while away hears only 'not-found'. The inbox, which is the server's word, decides.
    const { boards } = readInbox(this.inbox.doc);
    if (!boards.some((board) => board.id === parsed.id)) void this.#purging((purge) => purge.board(parsed.id));
  }

  mayAppear(open: OpenDocument): boolean {
    const may = this.#mayAppear(open);
    if (may) this.#denied.delete(open.name);
    return may;
  }

  #mayAppear({ name, parsed }: OpenDocument): boolean {
    if (performance.now() - this.#createdAt < APPEARS_MS) return true;
    const { names } = this.outbox;
    // Only an ask makes a board: changes that wait in one say nothing of whether the server will ever know it.
    const creators = parsed.kind === 'board' ? [this.inbox.name] : names.filter(createsOthers);
    if (creators.some((creator) => this.outbox.of(creator) > 0)) return true;
    const { asks } = readInbox(this.inbox.doc);
    if (asks.some((ask) => ask.kind === parsed.kind && ask.id === parsed.id)) return true;
    // A task comes with its card, which stood in a board here; a room may have been asked for on another device.
    if (parsed.kind !== 'room' || this.outbox.of(name) === 0 || this.#wasMade(name, parsed.id)) return false;
    return this.#mayBeAskedFor(name);
  }

  /** After a reload, words in a room of a board that their writer was removed from look the same, and would wait for ever. */
  #mayBeAskedFor(name: string): boolean {
    const since = this.#strange.get(name) ?? performance.now();
    this.#strange.set(name, since);
    return performance.now() - since < ROOM_APPEARS_MS;
  }

  /** The server has, or had, this room: whoever is denied it now is not in it any more. */
  #wasMade(name: string, room: RoomId): boolean {
    return this.row(name)?.confirmed != null || this.inbox.doc.getMap(ASKED_ROOT).has(`room/${room}`);
  }

  unlisted(): string[] {
    if (this.inbox.remote.kind !== 'synced') return [];
    const listed = new Set(readInbox(this.inbox.doc).boards.map((board) => boardDoc(board.id)));
    return this.rows().flatMap(({ name, onDevice }) =>
      onDevice && name.startsWith('board/') && !listed.has(name) ? [name] : [],
    );
  }

  heard(open: OpenDocument, change?: Y.Transaction): void {
    if (!createsOthers(open.name)) return;
    // An update that comes before what it builds on takes the old entry away first.
    if (change && open.doc.store.pendingStructs === null) this.#takeDeletedRooms(open.doc, change);
    this.#kick();
    this.freshener.hint();
    if (open !== this.inbox) return;
    this.#takeLostRooms(open);
    const { refusedAsks } = readInbox(open.doc);
    if (refusedAsks.length > 0) void this.#purging((purge) => purge.refusedAsks(refusedAsks));
  }

  /** A board that lists a room no more says that it was deleted. */
  #takeDeletedRooms(doc: Y.Doc, { changed }: Y.Transaction): void {
    const rooms = doc.getMap(ROOMS_ROOT);
    for (const [type, keys] of changed) {
      if ((type as unknown) !== rooms) continue;
      for (const id of keys)
        if (id !== null && !rooms.has(id)) void this.#purging((purge) => purge.conversation('room', id));
    }
  }

  /** What the inbox listed and lists no more is not this person's to see. */
  #takeLostRooms({ doc, remote }: OpenDocument): void {
    if (remote.kind !== 'synced') return;
    const listed = new Set(readPrivateRooms(doc).map(({ id }) => id));
    const lost = [...this.#rooms].filter((id) => !listed.has(id));
    this.#rooms = listed;
    for (const id of lost) void this.#purging((purge) => purge.conversation('room', id));
  }

  confirmed(open: OpenDocument): void {
    if (!createsOthers(open.name)) return;
    this.#createdAt = performance.now();
    this.#kick();
  }

  changed(): void {
    if (this.#persisted) return;
    this.#persisted = true;
    void persist();
  }

  mayRemake(): boolean {
    return !this.#closed && this.#ends.remembered?.() === true;
  }

  /** Tries the device's storage again at once, wherever it has failed. */
  async tryStorage(): Promise<void> {
    await this.catalog.retry();
    await Promise.all(this.documents.all().map((document) => document.tryStorage()));
  }

  /** Ends everything in this tab; what is on the device stays. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const freshened = this.freshener.close();
    this.#pusher.close();
    await freshened;
    await this.documents.close();
    this.socket.close();
    this.tabs.close();
    await this.catalog.close();
  }

  /** Ends everything and deletes this person's databases on this device. False when some could not be deleted now. */
  async wipe(): Promise<boolean> {
    await this.ready;
    const known = this.rows().map((row) => documentDatabase(this.me.id, row.name, row.lineage));
    await this.close();
    return wipeDatabases(this.me.id, known);
  }

  #kick(): void {
    for (const document of this.documents.all()) document.kick();
  }

  async #load(): Promise<void> {
    await Promise.all([this.refresh(), this.outbox.load(), this.asides.load()]);
  }

  async #readAgain(): Promise<void> {
    await this.refresh();
    await Promise.all([this.outbox.keepAgain(), this.asides.keepAgain()]);
  }

  #onStorageBack(): void {
    this.faults.report(CATALOG, null);
    for (const document of this.documents.all()) void document.tryStorage();
    this.freshener.hint();
  }

  #onState(state: ConnectionState): void {
    if (state.kind !== 'online') return;
    this.#pusher.hint();
    this.freshener.hint();
  }

  async #onRevoked(open: OpenDocument): Promise<void> {
    // A session that was ended looks the same from here as a membership.
    const answer = await this.api.me();
    if (this.#closed) return;
    if (!answer.ok) {
      if (answer.error.code === 'signed-out') this.signedOut();
      return;
    }
    const { parsed } = open;
    // Somebody else has signed in in this browser, which says nothing of this person's memberships.
    if (answer.value.id !== this.me.id) this.signedOut();
    else if (parsed.kind === 'board') await this.#purging((purge) => purge.board(parsed.id));
    else if (parsed.kind !== 'inbox') await this.#purging((purge) => purge.conversation(parsed.kind, parsed.id));
  }

  /** Its code is fetched when the server's word calls for it, which can fail like the network: the word comes again. */
  async #purging(act: (purge: Purge) => Promise<void> | void): Promise<void> {
    try {
      this.#purge ??= import('./purge.ts').then(({ Purge }) => new Purge(this, this.documents));
      await act(await this.#purge);
    } catch {
      this.#purge = null;
    }
  }

  #receive(message: TabMessage): void {
    switch (message.kind) {
      case 'vector':
      case 'update':
        this.documents.get(message.name)?.receive(message);
        return;
      case 'swapped':
        if (message.lineage <= (this.row(message.name)?.lineage ?? '')) return;
        this.began(message.name, message.lineage);
        this.documents.get(message.name)?.receive(message);
        return;
      case 'waiting':
        this.outbox.mirror(message.added, message.removed);
        return;
      case 'asides':
        void this.asides.load();
        return;
      case 'signed-out':
        this.signedOut(message.wiped);
        return;
    }
  }
}

/** A new card makes a thread, an ask makes a room or a board. */
function createsOthers(name: string): boolean {
  return name.startsWith('board/') || name.startsWith('inbox/');
}
