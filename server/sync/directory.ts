import type * as Y from 'yjs';
import type { BoardId } from '../../src/lib/model/ids.ts';
import {
  BOARD_ROOT,
  readHeads,
  readPeople,
  readRooms,
  removePerson,
  removeRoom,
  setHead,
  setPerson,
  setRoom,
  setTitle,
  type Head,
} from '../../src/lib/model/board.ts';
import {
  boardDoc,
  inboxDoc,
  parseConversation,
  parseDocName,
  type ConversationRef,
  type DocName,
} from '../../src/lib/model/names.ts';
import type { Log } from '../log.ts';
import type { Member } from '../store/boards.ts';
import type { Room } from '../store/rooms.ts';
import type { Store } from '../store/store.ts';
import type { Access } from './access.ts';
import { Copier } from './copier.ts';
import type { Corridor } from './corridor.ts';
import { Homes, isFurther } from './homes.ts';
import type { Progress } from './places.ts';
import type { Writer } from './writer.ts';

/** Someone gave the board another title meanwhile. */
class Renamed extends Error {}
const TITLE_ATTEMPTS = 3;

/** How long news of conversations gather before they go into the board's document. */
const HEADS_EVERY_MS = 500;
/** After a failure while the document stays open: the first pause, and the longest. */
const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/**
 * Copies into documents of what the database knows best: members, public rooms and how far conversations have come into
 * the board's, one's boards and private rooms into one's inbox. Everything here may run at any time and any number of
 * times: it writes what differs and nothing else.
 */
export class Directory {
  #store: Store;
  #corridor: Corridor;
  #writer: Writer;
  #log: Log;
  #access: Access;
  #copier: Copier;
  readonly homes: Homes;
  #news = new Map<BoardId, Map<ConversationRef, Head>>();
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #reconciled = new WeakSet();
  #running = new Set<Promise<void>>();
  /** Open documents that could not be written, and when that is tried again. */
  #retries = new Map<string, { failures: number; timer: NodeJS.Timeout | null }>();

  constructor(o: { store: Store; corridor: Corridor; writer: Writer; access: Access; log: Log }) {
    this.#store = o.store;
    this.#corridor = o.corridor;
    this.#writer = o.writer;
    this.#log = o.log;
    this.#access = o.access;
    this.#copier = new Copier(o.writer);
    this.homes = new Homes({ store: o.store, copier: this.#copier });
  }

  /**
   * Members and rooms of a board, and the board in its members' inboxes. The inboxes of those for whom something
   * changed come first, because the board's own list is how a second run knows for whom; `everyone` does not rely
   * on it.
   */
  async board(id: BoardId, everyone = false): Promise<void> {
    const { boards, rooms } = this.#store;
    await this.#title(id);
    const now = new Map((await boards.members(id)).map((member) => [member.id, member.role]));
    const listed = await this.#writer.read(boardDoc(id), readPeople);
    // A run that failed may have left the board's own list behind its inboxes: for a removed board, which is one without
    // members, the database is asked as well.
    const former = now.size === 0 ? await boards.formerMembers(id) : [];
    for (const user of new Set([...now.keys(), ...listed.keys(), ...former])) {
      if (!everyone && now.get(user) === listed.get(user)?.role) continue;
      await this.homes.board(user, id);
    }
    // One statement for all rooms: one that is archived or restored between two would be in neither, and lose its head.
    const facts = () => Promise.all([boards.members(id), rooms.listed(id)]);
    await this.#copier.copy(boardDoc(id), facts, (doc, [members, listed]) => {
      writePeople(doc, members);
      writeRooms(doc, listed);
    });
  }

  /**
   * The title as the database has it. An owner may write another one in this moment, which changes the database in the
   * same transaction: so ours is stored only while it is still the one there.
   */
  async #title(id: BoardId): Promise<void> {
    for (let attempt = 1; attempt <= TITLE_ATTEMPTS; attempt++) {
      const board = await this.#store.boards.get(id);
      if (board === null) return;
      const { title } = board;
      const shown = await this.#writer.read(boardDoc(id), (doc) => doc.getMap(BOARD_ROOT).get('title'));
      if (shown === title) return;
      const stored = await this.#writer
        .write(boardDoc(id), (doc) => setTitle(doc, title), {
          also: async (tx) => {
            if ((await this.#store.boards.get(id, tx))?.title !== title) throw new Renamed();
          },
        })
        .catch((error: unknown) => {
          if (error instanceof Renamed) return false;
          throw error;
        });
      if (stored) return;
    }
  }

  /** How far every conversation of a board has come that all its members see. */
  async heads(id: BoardId): Promise<void> {
    const conversations = await this.#store.conversations.forBoard(id);
    const heads = conversations
      .filter(({ nextSeq, head }) => nextSeq > 1 || head > 1)
      .map(({ ref, head, nextSeq, lastAt }): [ConversationRef, Head] => [
        ref,
        { volume: head, seq: nextSeq - 1, at: lastAt },
      ]);
    await this.#writeHeads(id, new Map(heads));
  }

  /**
   * Conversations came further. Their boards hear of it soon, if anyone has them open, otherwise when someone opens them;
   * of a private room the people in it, likewise.
   */
  progressed(progress: readonly Progress[]): void {
    for (const { board, ref, volume, seq, at } of progress) {
      if (!this.#isOpen(boardDoc(board)) && parseConversation(ref)?.kind !== 'room') continue;
      let news = this.#news.get(board);
      if (news === undefined) this.#news.set(board, (news = new Map<ConversationRef, Head>()));
      news.set(ref, { volume, seq, at });
    }
    this.#soon();
  }

  #soon(): void {
    if (this.#news.size === 0 || this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#background(this.flush());
    }, HEADS_EVERY_MS);
  }

  /** Writes the gathered news now. What cannot be written is news again: who has a document open would never hear of it. */
  async flush(): Promise<void> {
    const news = [...this.#news];
    this.#news.clear();
    try {
      for (let next = news[0]; next !== undefined; next = news[0]) {
        await this.#tell(...next);
        news.shift();
      }
    } finally {
      for (const [board, heads] of news) {
        const newer = this.#news.get(board) ?? [];
        this.#news.set(board, new Map([...heads, ...newer]));
      }
      this.#soon();
    }
  }

  async #tell(board: BoardId, heads: ReadonlyMap<ConversationRef, Head>): Promise<void> {
    const forAll = new Map<ConversationRef, Head>();
    for (const [ref, head] of heads) {
      const at = parseConversation(ref);
      const people = at?.kind === 'room' ? await this.#access.roomMembers(at.id, board) : null;
      if (people === null) forAll.set(ref, head);
      else for (const user of people) if (this.#isOpen(inboxDoc(user))) await this.homes.head(user, ref, head);
    }
    if (this.#isOpen(boardDoc(board))) await this.#writeHeads(board, forAll);
  }

  #isOpen(name: string): boolean {
    return this.#corridor.lanes.find(name)?.live != null;
  }

  /** Someone opened a document: what was not written while nobody had it open is written now. */
  opened(name: string): void {
    const at = parseDocName(name);
    const live = this.#corridor.lanes.find(name)?.live;
    if (at === null || live == null || this.#reconciled.has(live)) return;
    if (at.kind !== 'board' && at.kind !== 'inbox') return;
    this.#reconciled.add(live);
    this.#reconcile(name, at);
  }

  #reconcile(name: string, { kind, id }: DocName): void {
    const work = kind === 'inbox' ? this.homes.all(id) : this.heads(id).then(() => this.board(id));
    const settled = work.then(
      () => void this.#retries.delete(name),
      (error: unknown) => {
        this.#again(name);
        throw error;
      },
    );
    this.#background(settled);
  }

  /** Later each time, as long as somebody has the document open; the next opening does it in any case. */
  #again(name: string): void {
    const retry = this.#retries.get(name) ?? { failures: 0, timer: null };
    if (this.#stopped || retry.timer !== null) return;
    this.#retries.set(name, retry);
    const wait = Math.min(RETRY_MS * 2 ** retry.failures, LONGEST_RETRY_MS);
    retry.failures += 1;
    retry.timer = setTimeout(() => {
      retry.timer = null;
      const at = parseDocName(name);
      if (at !== null && this.#isOpen(name)) this.#reconcile(name, at);
      else this.#retries.delete(name);
    }, wait);
    retry.timer.unref();
  }

  /** Resolves when nothing runs any more; what is gathered is left for the next opening. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#stopped = true;
    this.#news.clear();
    for (const { timer } of this.#retries.values()) if (timer !== null) clearTimeout(timer);
    this.#retries.clear();
    await Promise.all(this.#running);
  }

  async #writeHeads(board: BoardId, heads: ReadonlyMap<ConversationRef, Head>): Promise<void> {
    if (heads.size === 0) return;
    // What was said in a room before it was deleted may be told afterwards: no head comes without its room.
    const rooms = async () => new Set((await this.#store.rooms.listed(board)).map(({ id }) => id));
    await this.#copier.copy(boardDoc(board), rooms, (doc, listed) => {
      const known = readHeads(doc);
      for (const [ref, head] of heads) {
        const at = parseConversation(ref);
        if (at?.kind === 'room' && !listed.has(at.id)) continue;
        const old = known.get(ref);
        if (old === undefined || isFurther(head, old)) setHead(doc, ref, head);
      }
    });
  }

  /** Work that nobody waits for, and that is done again when it fails. */
  #background(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        this.#log.warn('directory not written', { error });
      })
      .finally(() => this.#running.delete(done));
    this.#running.add(done);
  }
}

function writePeople(doc: Y.Doc, list: readonly Member[]): void {
  const members = new Set(list.map(({ id }) => id));
  for (const id of readPeople(doc).keys()) if (!members.has(id)) removePerson(doc, id);
  for (const { id, username, name, role } of list) setPerson(doc, { id, username, name, role });
}

function writeRooms(doc: Y.Doc, list: readonly Room[]): void {
  const listed = new Set(list.map(({ id }) => id));
  for (const room of readRooms(doc)) if (!listed.has(room.id)) removeRoom(doc, room.id);
  for (const { id, name, by, createdAt, description, archivedAt } of list) {
    setRoom(doc, { id, name, by, at: createdAt, description, archived: archivedAt });
  }
}
