import * as Y from 'yjs';
import { mintClientId, SERVER_SEQ } from '../src/lib/model/client-ids.ts';
import {
  appendLog,
  closeVolume,
  editMessage,
  sendMessage,
  setFirst,
  setReactions,
  type Slot,
} from '../src/lib/model/conversation.ts';
import { parseSlot } from '../src/lib/model/message-slots.ts';
import { volumeDoc, type ConversationRef } from '../src/lib/model/names.ts';
import type { Store } from '../server/store/store.ts';

/** The commonest words of plain English talk about work, roughly by how often they come. */
const WORDS = (
  'the to and a of in is it for that on this we you with be I have not can are at from as was will but by if or so they ' +
  'do all what when there our just one some think know about then now need work should get them out how look new time ' +
  'make good page also see still today same which other back would after add does first than test done board could ' +
  'fix thanks yes tomorrow before change week maybe build customer review release both button ask text move branch ' +
  'again call where list task screen people bug already report over more start server question data column end ' +
  'help find long better room right open anyone wait show team version send two point later file small another ready ' +
  'happens morning error mobile meeting login sounds numbers deploy between broken reason draft design without notes'
).split(' ');
const EMOJI = ['👍', '🎉', '❤️', '😄', '👀', '✅'];
/** Messages that one opening of a room on one device writes: each opening has a clientID of its own. */
const MESSAGES_PER_SESSION = 9;
const MINUTE = 60_000;
const STARTED = Date.UTC(2024, 0, 8);

export type Author = { id: string; seq: number };

/** The same numbers for the same seed: `mulberry32`. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A conversation as a team has it: a few talk much and most little, short answers and now and then a long explanation
 * (11 words in the median), one in ten answers another, one in six has reactions, one in twenty-five was edited.
 */
export class History {
  readonly #random: () => number;
  readonly #authors: readonly Author[];
  readonly #sessions = new Map<string, { client: number; left: number }>();
  #time: number;

  constructor(authors: readonly Author[], seed: number, began = STARTED) {
    this.#authors = authors;
    this.#random = randomFrom(seed);
    this.#time = began;
  }

  /** When its last message was written. */
  get time(): number {
    return this.#time;
  }

  /** One volume of `count` messages that begins with number `first`. `next`: the volume after it, when it is closed. */
  volume(count: number, first: number, next: number | null): { doc: Y.Doc; rows: { slot: Slot; at: number }[] } {
    const doc = new Y.Doc();
    const server = mintClientId(SERVER_SEQ, this.#below(2 ** 31));
    const rows: { slot: Slot; at: number }[] = [];
    doc.clientID = server;
    setFirst(doc, first);
    for (let i = 0; i < count; i += 1) {
      const author = this.#author();
      doc.clientID = this.#session(author);
      this.#time += Math.floor(this.#random() ** 4 * 40 * MINUTE) + 1_500;
      const answered = rows[Math.floor((1 - this.#random() ** 3) * rows.length)];
      const replyTo = this.#random() < 0.1 && answered !== undefined ? answered.slot : null;
      const slot = sendMessage(doc, author.id, { text: this.#text(), replyTo }, { now: this.#time - 300 });
      const mid = parseSlot(slot)?.mid ?? '';
      if (this.#random() < 0.04) editMessage(doc, author.id, mid, this.#text());
      for (let more = this.#random() < 0.16; more; more = this.#random() < 0.4) this.#react(doc, slot);
      doc.clientID = server;
      appendLog(doc, first + i, slot, this.#time);
      rows.push({ slot, at: this.#time });
    }
    if (next !== null) closeVolume(doc, next);
    return { doc, rows };
  }

  #react(doc: Y.Doc, slot: Slot): void {
    const by = this.#author();
    doc.clientID = this.#session(by);
    setReactions(doc, by.id, slot, [EMOJI[Math.floor(this.#random() ** 3 * EMOJI.length)] ?? '👍']);
  }

  #author(): Author {
    const author = this.#authors[Math.floor(this.#random() ** 2 * this.#authors.length)];
    if (author === undefined) throw new Error('nobody writes');
    return author;
  }

  #session({ id, seq }: Author): number {
    const known = this.#sessions.get(id);
    const session =
      known !== undefined && known.left > 0
        ? known
        : { client: mintClientId(seq, this.#below(2 ** 32)), left: MESSAGES_PER_SESSION };
    session.left -= 1;
    this.#sessions.set(id, session);
    return session.client;
  }

  #text(): string {
    const length = 1 + Math.floor(10 * this.#random() + 60 * this.#random() ** 8 + 6 * this.#random());
    const words = Array.from({ length }, () => WORDS[Math.floor(this.#random() ** 1.7 * WORDS.length)] ?? 'yes');
    const text = words.join(' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}${this.#random() < 0.6 ? '.' : ''}`;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }
}

/**
 * Writes a conversation of `count` messages into the database as the corridor would have left it after compaction:
 * full volumes of `perVolume`, a head with the rest, and the row of every message. Heads of one size and seed hold the
 * same words, whatever was said before.
 */
export async function writeHistory(
  store: Store,
  o: { ref: ConversationRef; authors: readonly Author[]; count: number; perVolume: number; seed: number },
): Promise<void> {
  const history = new History(o.authors, o.seed);
  const volumes = Math.floor(o.count / o.perVolume) + 1;
  for (let volume = 1; volume <= volumes; volume += 1) {
    const first = (volume - 1) * o.perVolume + 1;
    const size = Math.min(o.perVolume, o.count - first + 1);
    const writing = volume < volumes ? history : new History(o.authors, o.seed, history.time);
    const { doc, rows } = writing.volume(size, first, volume < volumes ? volume + 1 : null);
    const name = volumeDoc(o.ref, volume);
    const data = Y.encodeStateAsUpdate(doc);
    doc.destroy();
    await store.transaction(async (tx) => {
      const [id] = await store.documents.append([{ name, data, author: null }], tx);
      if (id === undefined || !(await store.documents.compact(name, data, id, tx))) {
        throw new Error(`${name} was there already`);
      }
      const places = rows.map(({ slot, at }, i) => {
        const { author, mid } = parseSlot(slot) ?? { author: '', mid: '' };
        return { ref: o.ref, author, mid, seq: first + i, volume, at };
      });
      await store.messages.insert(places, tx);
      await store.conversations.advance([{ ref: o.ref, by: size }], tx);
      if (volume < volumes) await store.conversations.roll(o.ref, volume, tx);
    });
  }
}
