import type * as Y from 'yjs';
import { mintClientId, SERVER_SEQ } from '../../src/lib/model/client-ids.ts';
import { parseDocName } from '../../src/lib/model/names.ts';
import type { Access } from './access.ts';
import type { Said } from './acts.ts';
import type { Corridor } from './corridor.ts';
import type { Entry } from './entry.ts';
import { lostIn } from './erasure.ts';
import type { Lost } from './gate/verdict.ts';
import type { Intake } from './intake.ts';
import type { Lane } from './lanes.ts';
import { Lru } from './lru.ts';
import { Unavailable } from './outcome.ts';
import type { AuthedUser, WriteAsResult, WriteOptions } from './types.ts';

const IDS_KEPT = 20_000;

/** Words that came to where their message stands, with what stood there before. */
export type Carried = Omit<Said, 'lane'>;

/**
 * Writes that do not come over a socket. Each is made on a copy of the document, stored, and only then applied to
 * the live one, through the same log and in the same order as everything else.
 *
 * A clientID is used again for the next write to the same document, because every one that a document has ever seen
 * costs a little in each transaction for ever. That is safe within one process as long as every use was stored and
 * is loaded again; after a failure, and in the next process, it is a new one.
 */
export class Writer {
  #corridor: Corridor;
  #intake: Intake;
  #access: Access;
  #ids = new Lru<string, number>(IDS_KEPT);

  constructor(corridor: Corridor, intake: Intake, access: Access) {
    this.#corridor = corridor;
    this.#intake = intake;
    this.#access = access;
  }

  write<T>(name: string, fn: (doc: Y.Doc) => T, options: WriteOptions = {}): Promise<T> {
    const also = options.also ?? null;
    return this.#onTwin(name, SERVER_SEQ, fn, async (lane, value, update, lost) => {
      if (update !== null || also !== null) await this.#corridor.submit(entryOf(lane, update, { also, lost }));
      return value;
    });
  }

  /**
   * Moves something from one document to another in one transaction: either both hold what was written, or neither.
   * `fn` answers which words came to where they are now: people are told of them.
   */
  async move(from: string, to: string, fn: (from: Y.Doc, to: Y.Doc) => readonly Carried[]): Promise<void> {
    const both = async (source: Lane, target: Lane): Promise<void> => {
      // What is being stored there counts as written before.
      await target.last.catch(() => undefined);
      const outer = this.#made(target, SERVER_SEQ, (doc) => this.#made(source, SERVER_SEQ, (old) => fn(old, doc)));
      const { update, lost, value } = outer.value;
      const beside = update === null ? null : { lane: source, update, lost };
      if (outer.update === null && beside === null) return;
      const carried = value.map((one) => ({ ...one, lane: target }));
      await this.#corridor.submit(entryOf(target, outer.update, { lost: outer.lost, beside, carried }));
    };
    // One is held while the other is waited for: everybody in the same order.
    await (from < to
      ? this.#inLane(from, SERVER_SEQ, (one) => this.#inLane(to, SERVER_SEQ, (other) => both(one, other)))
      : this.#inLane(to, SERVER_SEQ, (one) => this.#inLane(from, SERVER_SEQ, (other) => both(other, one))));
  }

  async writeAs<T>(who: AuthedUser, name: string, fn: (doc: Y.Doc) => T): Promise<WriteAsResult<T>> {
    const at = parseDocName(name);
    const grant = at === null ? null : await this.#access.grant(at, who.id);
    if (grant === null) return { ok: false, code: 'not-found', why: 'there is no such document' };
    return this.#onTwin<T, WriteAsResult<T>>(name, who.seq, fn, async (lane, value, update) => {
      if (update === null) return { ok: true, value };
      const verdict = this.#intake.judgeWrite(lane, who, grant, update);
      switch (verdict.kind) {
        case 'echo':
          return { ok: true, value };
        case 'defer':
          throw new Error(`a write to ${name} lacks what it builds on: ${verdict.why}`);
        case 'refuse':
          this.#corridor.counts.refused += 1;
          lane.dropTwin();
          return { ok: false, code: verdict.code, why: verdict.why };
        case 'accept':
          await this.#corridor.submit(
            entryOf(lane, update, {
              author: who.id,
              writes: verdict.writes,
              lost: verdict.lost,
              structs: verdict.structs,
            }),
          );
          return { ok: true, value };
      }
    });
  }

  read<T>(name: string, fn: (doc: Y.Doc) => T): Promise<T> {
    return this.#corridor.withLane(name, (lane) => {
      if (lane.live === null) throw new Unavailable();
      return Promise.resolve(fn(lane.live));
    });
  }

  /** Runs `fn` on the copy and hands on what it returned with the update that it made, null for none. */
  #onTwin<T, R>(
    name: string,
    seq: number,
    fn: (doc: Y.Doc) => T,
    then: (lane: Lane, value: T, update: Uint8Array | null, lost: readonly Lost[]) => Promise<R>,
  ): Promise<R> {
    return this.#inLane(name, seq, (lane) => {
      const { value, update, lost } = this.#made(lane, seq, fn);
      return then(lane, value, update, lost);
    });
  }

  /** Runs `work` with the document in memory, in its turn among the server's writes. When it fails its copy is thrown away. */
  #inLane<R>(name: string, seq: number, work: (lane: Lane) => Promise<R>): Promise<R> {
    return this.#corridor.withLane(name, (lane) =>
      lane.inTurn(async () => {
        try {
          return await work(lane);
        } catch (error) {
          // The copy holds what is not stored, or nobody knows.
          lane.dropTwin();
          this.#ids.delete(`${name} ${seq}`);
          throw error;
        }
      }),
    );
  }

  /** Runs `fn` on the copy: what it returned, and the update that it made, null for none. */
  #made<T>(
    lane: Lane,
    seq: number,
    fn: (doc: Y.Doc) => T,
  ): { value: T; update: Uint8Array | null; lost: readonly Lost[] } {
    const twin = lane.twin();
    twin.clientID = this.#idFor(lane.name, seq, twin);
    const updates: Uint8Array[] = [];
    const lost: Lost[] = [];
    const keep = (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void => {
      updates.push(update);
      lost.push(...lostIn(transaction));
    };
    twin.on('update', keep);
    try {
      const value = twin.transact(() => fn(twin));
      return { value, update: updates[0] ?? null, lost };
    } finally {
      twin.off('update', keep);
    }
  }

  #idFor(name: string, seq: number, doc: Y.Doc): number {
    const key = `${name} ${seq}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      do id = mintClientId(seq);
      while (doc.store.clients.has(id));
      this.#ids.set(key, id);
    }
    return id;
  }
}

function entryOf(lane: Lane, update: Uint8Array | null, more: Partial<Entry>): Entry {
  return {
    lane,
    name: lane.name,
    bytes: update?.length ?? 0,
    alone: (more.also ?? null) !== null,
    update,
    author: null,
    writes: [],
    lost: [],
    structs: null,
    also: null,
    beside: null,
    carried: [],
    connection: null,
    ...more,
  };
}
