import type { UserId } from '../../src/lib/model/ids.ts';
import { LOG_ROOT, META_ROOT } from '../../src/lib/model/message-slots.ts';
import { conversationOf, type ConversationRef } from '../../src/lib/model/names.ts';
import type { NewJob } from '../store/jobs.ts';
import type { MessageRow } from '../store/messages.ts';
import type { Store, Tx } from '../store/store.ts';
import type { Access } from './access.ts';
import { readActs, type Acts, type Reacted, type Said } from './acts.ts';
import type { Entry } from './entry.ts';
import { compactJobs, eraseJob, isOver, lateWordsJob, tooLateJob, type ErasureDelays } from './erasure.ts';
import { Lru } from './lru.ts';
import { mentionChanges, withdrawMentions, type MentionChanges } from './mention-changes.ts';
import { Pen } from './pen.ts';
import { Places, type Progress } from './places.ts';

/** When a volume is full. */
export type VolumeLimits = { entries: number; clients: number; bytes: number };

/** What the server adds to the documents of a batch, and what is to be done once it is stored. */
export type Record = {
  extras: { name: string; update: Uint8Array }[];
  progress: Progress[];
  /** Jobs wait. */
  jobs: boolean;
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
  #pens = new Lru<string, Pen>(PENS_KEPT);

  constructor(store: Store, access: Access, limits: VolumeLimits, delays: ErasureDelays, now: () => number) {
    this.#store = store;
    this.#access = access;
    this.#limits = limits;
    this.#delays = delays;
    this.#now = now;
  }

  /** Throws when the transaction cannot succeed; it must then be undone, and `record` called again for another try. */
  async record(batch: readonly Entry[], tx: Tx): Promise<Record> {
    const acts = readActs(batch);
    const full = this.#fullVolumes(batch);
    const refs = new Set([...acts.said, ...acts.restored].map(({ ref }) => ref).concat(...full.keys()));
    const [held, existing] = await Promise.all([
      refs.size === 0 ? [] : this.#store.conversations.lock([...refs], tx),
      this.#store.messages.existing(slotsOf(acts), tx),
    ]);
    const places = new Places(held, this.#limits.entries, this.#now());
    const known = new Map<string, MessageRow | 'placed now'>(
      existing.map((row) => [`${row.ref}/${row.author}/${row.mid}`, row]),
    );
    const jobs: NewJob[] = [];
    const changes: MentionChanges = { add: [], withdraw: [], reword: [] };
    for (const said of acts.said) await this.#say(said, known, places, jobs, changes, tx);
    for (const reacted of acts.reacted) {
      const row = known.get(`${reacted.ref}/${reacted.slot}`);
      if (typeof row === 'object' && row.volume !== reacted.volume) jobs.push(carryJob(reacted));
    }
    for (const removed of acts.removed) {
      withdrawMentions(removed, changes);
      jobs.push(eraseJob(removed, Date.now() + this.#delays.eraseMs));
    }
    for (const restored of acts.restored) {
      if (restored.body?.kind !== 'message') jobs.push(...tooLateJob(restored));
      else if (known.has(`${restored.ref}/${restored.slot}`)) await this.#tell(restored, places, changes, tx);
    }
    for (const [ref, volume] of full) if (places.get(ref).head === volume) places.roll(ref);
    for (const { name, lane, lost } of batch) {
      jobs.push(...compactJobs(name, lane.at, lost, Date.now() + this.#delays.compactMs));
    }
    jobs.push(...jobsOf(acts, changes));

    const extras = this.#write(places);
    try {
      await this.#save(batch, extras, places, acts, changes, jobs, tx);
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

  async #say(
    said: Said,
    known: Map<string, MessageRow | 'placed now'>,
    places: Places,
    jobs: NewJob[],
    changes: MentionChanges,
    tx: Tx,
  ): Promise<void> {
    const id = `${said.ref}/${said.slot}`;
    const row = known.get(id);
    if (row === undefined) {
      // Deleted before it was ever accepted: it has no place, and nobody was told.
      if (said.body?.kind !== 'message') return;
      // When it is moved its words stand twice.
      if (places.place(said) !== said.volume) jobs.push(carryJob(said));
      known.set(id, 'placed now');
    } else if (row !== 'placed now') {
      if (row.volume !== said.volume) jobs.push(carryJob(said));
      else if (said.lane.live?.getMap(LOG_ROOT).has(String(row.seq)) === false) places.repair(row, said.slot);
    }
    if (isOver(said)) jobs.push(lateWordsJob(said, this.#delays.eraseMs));
    await this.#tell(said, places, changes, tx);
  }

  async #tell(said: Said, places: Places, changes: MentionChanges, tx: Tx): Promise<void> {
    const { board } = places.get(said.ref);
    mentionChanges(said, board, await this.#access.members(board, tx), this.#now(), changes);
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
  async #save(
    batch: readonly Entry[],
    extras: Record['extras'],
    places: Places,
    acts: Acts,
    changes: MentionChanges,
    jobs: readonly NewJob[],
    tx: Tx,
  ): Promise<void> {
    const rows = batch.flatMap(({ name, update, author }) => (update === null ? [] : [{ name, data: update, author }]));
    rows.push(...extras.map(({ name, update }) => ({ name, data: update, author: null })));
    await Promise.all([
      this.#store.documents.append(rows, tx),
      this.#store.tasks.ensure(acts.cards, tx),
      ...acts.titles.map(({ board, title }) => this.#store.boards.rename(board, title, tx)),
      places.save(this.#store, tx),
    ]);
    await Promise.all([
      this.#store.notifications.add(changes.add, tx),
      this.#store.notifications.withdraw(changes.withdraw, tx),
      this.#store.notifications.reword(changes.reword, tx),
      this.#store.jobs.enqueue(jobs, tx),
    ]);
  }
}

function slotsOf(acts: Acts): { ref: ConversationRef; author: UserId; mid: string }[] {
  return [...acts.said, ...acts.restored, ...acts.reacted].map(({ ref, author, mid }) => ({ ref, author, mid }));
}

/** Words were written, or reactions given, where the message does not stand any more: they follow it. */
function carryJob({ ref, volume }: Reacted): NewJob {
  return { kind: 'carry', key: `${ref}/${volume}`, payload: { ref, from: volume } };
}

function jobsOf(acts: Acts, changes: MentionChanges): NewJob[] {
  const told = changes.add.length + changes.withdraw.length + changes.reword.length > 0;
  return [
    ...(told ? [{ kind: 'deliver', key: 'all', payload: null }] : []),
    ...acts.asks.map(({ user, key }) => ({ kind: 'ask', key: `${user}/${key}`, payload: { user, key } })),
    ...acts.titles.map(({ board }) => ({ kind: 'directory', key: board, payload: null })),
  ];
}
