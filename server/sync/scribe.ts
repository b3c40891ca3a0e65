import type { UserId } from '../../src/lib/model/ids.ts';
import { LOG_ROOT, META_ROOT, parseSlot } from '../../src/lib/model/message-slots.ts';
import { conversationOf, type ConversationRef } from '../../src/lib/model/names.ts';
import type { NewJob } from '../store/jobs.ts';
import type { MessageRow } from '../store/messages.ts';
import type { Store, Tx } from '../store/store.ts';
import type { Access } from './access.ts';
import { readActs, type Acts, type Reacted, type Said } from './acts.ts';
import { noteEdit, type EditChanges } from './edits.ts';
import type { Entry } from './entry.ts';
import { compactJobs, eraseJob, isOver, lateWordsJob, tooLateJob, type ErasureDelays } from './erasure.ts';
import { Lru } from './lru.ts';
import { Pen } from './pen.ts';
import { Places, type Progress } from './places.ts';
import { Teller } from './teller.ts';
import { TimeSlices } from './turns.ts';

/** When a volume is full. */
export type VolumeLimits = { entries: number; clients: number; bytes: number };

/** What the server adds to the documents of a batch, and what is to be done once it is stored. */
export type Record = {
  extras: { name: string; update: Uint8Array }[];
  progress: Progress[];
  /** Jobs wait. */
  jobs: boolean;
};

/** All that a batch means, ready to be stored. */
type Found = {
  batch: readonly Entry[];
  extras: Record['extras'];
  places: Places;
  acts: Acts;
  teller: Teller;
  edits: EditChanges;
  jobs: readonly NewJob[];
};

/** Far more than are written to at a time; an evicted pen only costs a clientID. */
const PENS_KEPT = 5_000;

/**
 * Writes down what a batch of updates means, in the transaction that stores it: messages get their number and
 * place, mentions become notifications, cards become tasks, asks become jobs. Whoever is not in that transaction
 * has nothing to repair: either all of it happened or none.
 */
export class Scribe {
  #store: Store;
  #access: Access;
  #limits: VolumeLimits;
  #now: () => number;
  #delays: ErasureDelays;
  #here: () => ReadonlySet<UserId>;
  #pens = new Lru<string, Pen>(PENS_KEPT);

  constructor(o: {
    store: Store;
    access: Access;
    limits: VolumeLimits;
    delays: ErasureDelays;
    now: () => number;
    /** Who is connected. */
    here: () => ReadonlySet<UserId>;
  }) {
    this.#store = o.store;
    this.#access = o.access;
    this.#limits = o.limits;
    this.#delays = o.delays;
    this.#now = o.now;
    this.#here = o.here;
  }

  /** Throws when the transaction cannot succeed; it must then be undone, and `record` called again for another try. */
  async record(batch: readonly Entry[], tx: Tx): Promise<Record> {
    const acts = readActs(batch);
    const full = this.#fullVolumes(batch);
    const refs = new Set([...acts.said, ...acts.restored].map(({ ref }) => ref).concat(...full.keys()));
    const now = this.#now();
    const said = [...acts.said, ...acts.restored];
    const [held, existing, teller] = await Promise.all([
      refs.size === 0 ? [] : this.#store.conversations.lock([...refs], tx),
      this.#store.messages.existing(slotsOf(acts), tx),
      Teller.open({ store: this.#store, access: this.#access, tx, now, said, here: this.#here }),
    ]);
    const places = new Places(held, this.#limits.entries, now);
    const known = new Map<string, MessageRow | 'placed now'>(
      existing.map((row) => [`${row.ref}/${row.author}/${row.mid}`, row]),
    );
    const jobs: NewJob[] = [];
    const slices = new TimeSlices();
    const tell = async (one: Said): Promise<void> => {
      // Whom words name is read from them, and a transaction may hold 500 updates of many people.
      await slices.next();
      await teller.tell(one, places.get(one.ref).board, (slot) => known.has(`${one.ref}/${slot}`));
    };
    const edits: EditChanges = { add: [], forget: [] };
    for (const one of acts.said) {
      if (!this.#say(one, known, places, jobs)) continue;
      await tell(one);
      noteEdit(one, now, edits);
    }
    for (const reacted of acts.reacted) {
      const row = known.get(`${reacted.ref}/${reacted.slot}`);
      if (typeof row === 'object' && row.volume !== reacted.volume) jobs.push(carryJob(reacted));
    }
    for (const removed of acts.removed) {
      teller.forget(removed);
      jobs.push(eraseJob(removed, Date.now() + this.#delays.eraseMs));
    }
    for (const restored of acts.restored) {
      if (restored.body?.kind !== 'message') jobs.push(...tooLateJob(restored));
      else if (known.has(`${restored.ref}/${restored.slot}`)) await tell(restored);
    }
    for (const [ref, volume] of full) if (places.get(ref).head === volume) places.roll(ref);
    const compactAt = Date.now() + this.#delays.compactMs;
    for (const { name, lane, lost, beside } of batch) {
      jobs.push(...compactJobs(name, lane.at, lost, compactAt));
      if (beside !== null) jobs.push(...compactJobs(beside.lane.name, beside.lane.at, beside.lost, compactAt));
    }
    jobs.push(...jobsOf(acts, teller));

    const extras = this.#write(places);
    for (const { beside } of batch) {
      if (beside !== null) extras.push({ name: beside.lane.name, update: beside.update });
    }
    try {
      await this.#save({ batch, extras, places, acts, teller, edits, jobs }, tx);
    } catch (error) {
      this.forget(extras);
      throw error;
    }
    return { extras, progress: places.progress(), jobs: jobs.length > 0 };
  }

  /** The extras of a record were not stored, or nobody knows. */
  forget(extras: Record['extras']): void {
    for (const { name } of extras) this.#pens.delete(name);
  }

  /** False when it never was a message. */
  #say(said: Said, known: Map<string, MessageRow | 'placed now'>, places: Places, jobs: NewJob[]): boolean {
    const id = `${said.ref}/${said.slot}`;
    const row = known.get(id);
    if (row === undefined) {
      // Deleted before it was ever accepted: it has no place, and nobody was told.
      if (said.body?.kind !== 'message') return false;
      // When it is moved its words stand twice.
      if (places.place(said) !== said.volume) jobs.push(carryJob(said));
      known.set(id, 'placed now');
    } else if (row !== 'placed now') {
      if (row.volume !== said.volume) {
        // Whom it tells is seen when it comes to where the message stands: only there is it known what stood before.
        jobs.push(carryJob(said));
        if (isOver(said)) jobs.push(lateWordsJob(said, this.#delays.eraseMs));
        return false;
      }
      if (said.lane.live?.getMap(LOG_ROOT).has(String(row.seq)) === false) places.repair(row, said.slot);
    }
    if (isOver(said)) jobs.push(lateWordsJob(said, this.#delays.eraseMs));
    return true;
  }

  /** Head volumes that are full for another reason than their number of messages. */
  #fullVolumes(batch: readonly Entry[]): Map<ConversationRef, number> {
    const full = new Map<ConversationRef, number>();
    for (const { lane } of batch) {
      const ref = conversationOf(lane.at);
      if (ref === null || !('volume' in lane.at) || lane.live === null) continue;
      const over = lane.live.store.clients.size >= this.#limits.clients || lane.bytes >= this.#limits.bytes;
      if (over && !lane.live.getMap(META_ROOT).has('next')) full.set(ref, lane.at.volume);
    }
    return full;
  }

  #write(places: Places): Record['extras'] {
    return [...places.entries].map(([name, entries]) => {
      let pen = this.#pens.get(name);
      if (pen === undefined) this.#pens.set(name, (pen = new Pen()));
      return { name, update: pen.write(entries) };
    });
  }

  /** Sent at once, one after another in the same transaction. */
  async #save({ batch, extras, places, acts, teller, edits, jobs }: Found, tx: Tx): Promise<void> {
    const rows = batch.flatMap(({ name, update, author }) => (update === null ? [] : [{ name, data: update, author }]));
    rows.push(...extras.map(({ name, update }) => ({ name, data: update, author: null })));
    await Promise.all([
      this.#store.documents.append(rows, tx),
      this.#store.tasks.ensure(acts.cards, tx),
      ...acts.titles.map(({ board, title }) => this.#store.boards.rename(board, title, tx)),
      places.save(this.#store, tx),
    ]);
    await this.#store.messageEdits.forget(edits.forget, tx);
    await Promise.all([
      this.#store.messageEdits.add(edits.add, tx),
      teller.save(this.#store, tx),
      this.#store.levels.set(acts.levels, tx),
      this.#store.jobs.enqueue(jobs, tx),
    ]);
  }
}

function slotsOf(acts: Acts): { ref: ConversationRef; author: UserId; mid: string }[] {
  const said = [...acts.said, ...acts.restored];
  const answered = said.flatMap(({ ref, body, before }) =>
    [body, before].flatMap((one) => {
      const slot = one?.kind === 'message' && one.replyTo !== null ? parseSlot(one.replyTo) : null;
      return slot === null ? [] : [{ ref, ...slot }];
    }),
  );
  return [...[...said, ...acts.reacted].map(({ ref, author, mid }) => ({ ref, author, mid })), ...answered];
}

/** Words were written, or reactions given, where the message does not stand any more: they follow it. */
function carryJob({ ref, volume }: Reacted): NewJob {
  return { kind: 'carry', key: `${ref}/${volume}`, payload: { ref, from: volume } };
}

function jobsOf(acts: Acts, teller: Teller): NewJob[] {
  return [
    ...(teller.any ? [{ kind: 'deliver', key: 'all', payload: null }] : []),
    ...acts.asks.map(({ user, key }) => ({ kind: 'ask', key: `${user}/${key}`, payload: { user, key } })),
    ...acts.titles.map(({ board }) => ({ kind: 'directory', key: board, payload: null })),
  ];
}
