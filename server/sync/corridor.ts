import type { Connection, Document, Hocuspocus } from '@hocuspocus/server';
import type { Log } from '../log.ts';
import { reached } from '../milestones.ts';
import type { Store } from '../store/store.ts';
import { GroupCommit } from './commit.ts';
import { endSocket, type Context } from './context.ts';
import type { Entry } from './entry.ts';
import { Lanes, type Lane } from './lanes.ts';
import { isPassing, isUndone, Unavailable } from './outcome.ts';
import type { Record, Scribe } from './scribe.ts';

const HOLD_ATTEMPTS = 5;
/** The server asks for a document by itself. */
const NO_REQUEST = new Request('http://server/');

export type Counts = { accepted: number; refused: number; deferred: number };

/**
 * The way of every accepted update: stored together with all others that wait, and only then applied. Knows which
 * documents are in memory, and lets none go while something of it is being stored. See SPEC.md.
 */
export class Corridor {
  readonly lanes: Lanes;
  readonly commit: GroupCommit<Entry, Record>;
  readonly counts: Counts = { accepted: 0, refused: 0, deferred: 0 };
  readonly #store: Store;
  readonly #scribe: Scribe;
  readonly #log: Log;
  readonly #onStored: (record: Record) => void;
  #hocuspocus: Hocuspocus<Context> | null = null;

  constructor(o: { store: Store; scribe: Scribe; log: Log; onStored: (record: Record) => void }) {
    this.#store = o.store;
    this.#scribe = o.scribe;
    this.#log = o.log;
    this.#onStored = o.onStored;
    this.lanes = new Lanes((lane) => {
      this.#unloadIfUnused(lane);
    });
    this.commit = new GroupCommit<Entry, Record>({
      store: (batch) => this.#storeBatch(batch),
      apply: (batch, record) => {
        this.#applyBatch(batch, record);
      },
      abandon: (batch) => {
        for (const lane of new Set(batch.map((entry) => entry.lane))) this.drop(lane);
      },
      refuse: (entry, error, followers) => {
        this.#refuseEntry(entry, error, followers);
      },
    });
  }

  attach(hocuspocus: Hocuspocus<Context>): void {
    this.#hocuspocus = hocuspocus;
  }

  get hocuspocus(): Hocuspocus<Context> {
    if (this.#hocuspocus === null) throw new Error('used before it was put together');
    return this.#hocuspocus;
  }

  /** Resolves when the entry is stored and applied. */
  async submit(entry: Entry): Promise<void> {
    const { lane, structs } = entry;
    if (structs !== null) lane.overlay.add(structs);
    lane.enter();
    try {
      const done = this.commit.submit(entry);
      lane.last = done;
      await done;
    } catch (error) {
      if (structs !== null) lane.overlay.remove(structs);
      throw error;
    } finally {
      lane.leave();
    }
  }

  async #storeBatch(batch: readonly Entry[]): Promise<Record> {
    let extras: Record['extras'] = [];
    try {
      reached('commit:begun');
      return await this.#store.transaction(async (tx) => {
        const record = await this.#scribe.record(batch, tx);
        ({ extras } = record);
        for (const { also } of batch) await also?.(tx);
        reached('commit:written');
        if (batch.some(({ beside }) => beside !== null)) reached('carry:written');
        return record;
      });
    } catch (error) {
      this.#scribe.forget(extras);
      // What the server adds may concern other documents than those of the batch, and may be stored all the same.
      if (isPassing(error) && !isUndone(error)) for (const { name } of extras) this.#dropIfOpen(name);
      throw error;
    }
  }

  #dropIfOpen(name: string): void {
    const lane = this.lanes.find(name);
    if (lane !== undefined) this.drop(lane);
  }

  #applyBatch(batch: readonly Entry[], record: Record): void {
    reached('commit:stored');
    const updates = new Map<string, Uint8Array[]>();
    const add = (name: string, update: Uint8Array): void => {
      const list = updates.get(name);
      if (list === undefined) updates.set(name, [update]);
      else list.push(update);
    };
    for (const { name, update } of batch) if (update !== null) add(name, update);
    for (const { name, update } of record.extras) add(name, update);
    for (const [name, list] of updates) {
      const lane = this.lanes.find(name);
      if (lane === undefined) continue;
      try {
        lane.apply(list);
      } catch (error) {
        // It is stored. Whoever loads the document again gets it, or gets rid of it.
        this.#log.error('stored but not applied', { name, error });
        this.drop(lane);
      }
    }
    for (const { lane, structs } of batch) if (structs !== null) lane.overlay.remove(structs);
    this.counts.accepted += batch.reduce((count, { author }) => count + (author === null ? 0 : 1), 0);
    try {
      this.#onStored(record);
    } catch (error) {
      this.#log.error('not told of what is stored', { error });
    }
    reached('commit:applied');
  }

  #refuseEntry(entry: Entry, error: unknown, followers: readonly Entry[]): void {
    if (entry.author === null) return;
    this.#log.error('cannot be stored', { name: entry.name, user: entry.author, error });
    this.counts.refused += 1;
    entry.lane.overlay.clear();
    for (const { connection } of followers) {
      if (connection !== null && connection !== entry.connection) endSocket(connection as Connection<Context>);
    }
  }

  /**
   * Takes a document out of memory at once, whoever has it open: their sockets close with 'try later'. For when it
   * is not known whether memory and log agree.
   */
  drop(lane: Lane): void {
    lane.overlay.clear();
    const document = lane.live;
    if (document === null) return;
    for (const connection of document.getConnections()) endSocket(connection as Connection<Context>);
    if (this.hocuspocus.documents.get(lane.name) === document) this.hocuspocus.documents.delete(lane.name);
    document.destroy();
  }

  laneOf(document: Document): Lane {
    const lane = this.lanes.find(document.name);
    if (lane?.live !== document) throw new Unavailable();
    return lane;
  }

  /** Runs `fn` with the document in memory, and lets it go afterwards. Rejects with Unavailable when it cannot be loaded. */
  async withLane<T>(name: string, fn: (lane: Lane) => Promise<T>): Promise<T> {
    this.lanes.open(name);
    const document = await this.#hold(name);
    // Not the lane of before: it may have come to rest, and been replaced, while the document was loaded.
    const lane = this.lanes.open(name);
    try {
      return await fn(lane);
    } finally {
      document.removeDirectConnection();
      this.#unloadIfUnused(lane);
    }
  }

  async #hold(name: string): Promise<Document> {
    for (let attempt = 1; attempt <= HOLD_ATTEMPTS; attempt += 1) {
      const document = await this.hocuspocus.createDocument(name, NO_REQUEST, 'server', {
        isAuthenticated: true,
        readOnly: false,
      });
      if (this.lanes.find(name)?.live === document) {
        document.addDirectConnection();
        return document;
      }
      // Between that answer and now it was unloaded, or it was dropped before Hocuspocus had put it on its map.
      await this.hocuspocus.unloadDocument(document);
    }
    throw new Unavailable();
  }

  /** Someone let go of the document: it may leave memory now. */
  released(name: string): void {
    const lane = this.lanes.find(name);
    if (lane !== undefined) this.#unloadIfUnused(lane);
  }

  #unloadIfUnused(lane: Lane): void {
    const document = lane.live;
    if (document === null || lane.busy || document.getConnectionsCount() > 0) return;
    this.hocuspocus.unloadDocument(document).catch((error: unknown) => {
      this.#log.error('unload failed', { name: lane.name, error });
    });
  }
}
