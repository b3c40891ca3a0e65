import { expect } from 'vitest';
import * as Y from 'yjs';
import { addCard, addColumn, parseBoardWrite } from '../../src/lib/model/board.ts';
import {
  parseBody,
  parseKey,
  parseLogEntry,
  parseModeration,
  parseReactions,
  readVolume,
  sendMessage,
  type Message,
} from '../../src/lib/model/conversation.ts';
import { parseNotification, saveDraft, type Notification } from '../../src/lib/model/inbox.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { boardDoc, inboxDoc, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { description } from '../../src/lib/model/task.ts';
import type { Peer } from '../sync/peer.ts';
import { World, type Person } from '../sync/world.ts';
import { record, type Session } from './bytes-traffic.ts';

type Stored = {
  /** What only Bea or the server may write. */
  others: unknown[];
  /** What Bea was told, by its id. */
  told: Map<number, Notification>;
  /** Every message of the volumes, by conversation and slot. */
  messages: Map<string, Message>;
};

/** A corridor in this process with people on it: Mallory and Vera attack, Bea was there before and goes on. */
export class Town {
  readonly world: World;
  readonly attackers: Person[];
  readonly sessions: Session[];
  readonly #bea: Person;
  readonly #names: string[];
  readonly #peers: Peer[];
  #before: Stored = { others: [], told: new Map(), messages: new Map() };

  private constructor(
    world: World,
    attackers: Person[],
    bea: Person,
    names: string[],
    peers: Peer[],
    sessions: Session[],
  ) {
    this.world = world;
    this.attackers = attackers;
    this.sessions = sessions;
    this.#bea = bea;
    this.#names = names;
    this.#peers = peers;
  }

  static async open(seed: number): Promise<Town> {
    const plenty = { burst: 2 ** 40, perSecond: 2 ** 40 };
    const world = await World.open({ rate: plenty, compactEveryMs: 5_000 });
    const [bea, mallory, vera] = [await world.person('bea'), await world.person('mallory'), await world.person('vera')];
    const board = await world.board(bea, [mallory, [vera, 'viewer']]);
    const room = await world.room(board, bea);
    const card = newId();
    const names = [
      boardDoc(board),
      volumeDoc(`room/${room}`, 1),
      taskDoc(card),
      volumeDoc(`task/${card}`, 1),
      inboxDoc(bea.id),
    ];
    const peers: Peer[] = [];
    const open = async (name: string, write: (doc: Y.Doc) => void): Promise<void> => {
      const peer = await world.open(bea, name);
      peer.doc.transact(() => write(peer.doc));
      await peer.saved();
      peers.push(peer);
    };
    await open(boardDoc(board), (doc) => {
      const column = newId();
      addColumn(doc, bea.id, 'Column of Bea', column);
      addCard(doc, bea.id, column, 'Card of Bea', card);
    });
    await open(volumeDoc(`room/${room}`, 1), (doc) => void sendMessage(doc, bea.id, { text: 'Words of Bea' }));
    await open(taskDoc(card), (doc) => {
      const paragraph = new Y.XmlElement('paragraph');
      description(doc).insert(0, [paragraph]);
      paragraph.insert(0, [new Y.XmlText('Description of Bea')]);
    });
    await open(volumeDoc(`task/${card}`, 1), (doc) => void sendMessage(doc, bea.id, { text: 'Comment of Bea' }));
    await open(inboxDoc(bea.id), (doc) => saveDraft(doc, `room/${room}`, 'Draft of Bea'));
    const shared = names.filter((name) => !name.startsWith('inbox/'));
    const sessions = [
      ...(await record(world.url, mallory, [...shared, inboxDoc(mallory.id)], seed)),
      ...(await record(world.url, vera, [inboxDoc(vera.id)], seed + 1)),
    ];
    const town = new Town(world, [mallory, vera], bea, names, peers, sessions);
    town.#before = await town.#read();
    return town;
  }

  /** Throws unless Bea goes on undisturbed, what she wrote is as she wrote it, and every document is sound. */
  async check(): Promise<void> {
    for (const peer of this.#peers) {
      expect([peer.ended, peer.closed], `Bea in ${peer.name}`).toEqual([null, null]);
      if (peer.name.startsWith('room/')) sendMessage(peer.doc, this.#bea.id, { text: 'Bea goes on' });
      await peer.saved();
    }
    const now = await this.#read();
    expect(now.others, 'what is of others').toEqual(this.#before.others);
    this.#judgeTold(now);
  }

  /**
   * What Bea is told follows what others say, a moment later: it comes with a message, tells where that stands, and goes
   * only when the message was deleted or says something else now. Nobody but the server writes it.
   */
  #judgeTold({ told, messages }: Stored): void {
    const about = ({ conversation, slot }: Notification): Message | undefined =>
      messages.get(`${conversation}/${slot}`);
    for (const notification of told.values()) {
      if (notification.volume !== 1) continue;
      const { by, seq, at, slot } = notification;
      const message = about(notification);
      expect({ by: message?.author, seq: message?.seq, at: message?.time }, `told of ${slot}`).toEqual({ by, seq, at });
    }
    for (const [id, notification] of this.#before.told) {
      const body = about(notification)?.body;
      const stands = body?.kind === 'message' && !body.edited;
      if (stands) expect(told.get(id), `told of ${notification.slot}`).toEqual(notification);
    }
  }

  /** What is stored; throws for a document that is not as the model wants it. */
  async #read(): Promise<Stored> {
    const found: Stored = { others: [], told: new Map(), messages: new Map() };
    // The inbox comes first: what it tells of is then in the volumes that are read after it.
    for (const name of this.#names.toReversed()) {
      const doc = await this.world.stored(name);
      expect(doc.store.pendingStructs, name).toBeNull();
      expect(doc.store.pendingDs, name).toBeNull();
      found.others.push(name, ...protectedIn(doc, this.#bea.id));
      for (const value of doc.getArray('n').toJSON()) {
        const notification = parseNotification(value);
        if (notification === null) throw new Error(`In n: ${JSON.stringify(value)}`);
        found.told.set(notification.id, notification);
      }
      for (const message of readVolume(doc).messages) {
        found.messages.set(`${name.slice(0, name.lastIndexOf('/'))}/${message.slot}`, message);
      }
      doc.destroy();
    }
    return found;
  }

  async close(): Promise<void> {
    await this.world.close();
  }
}

function protectedIn(doc: Y.Doc, bea: string): unknown[] {
  const messages = entries(doc, 'm').filter(([key, value]) => {
    const parsed = parseKey(key);
    const good = parsed?.kind === 'message' ? parseBody(value) : parseReactions(value);
    expect(parsed !== null && good !== null, `m ${key}`).toBe(true);
    return key.startsWith(`m/${bea}/`) && !JSON.stringify(value).includes('Bea goes on');
  });
  for (const [key, value] of entries(doc, 'b')) expect(parseBoardWrite(key, value), `b ${key}`).not.toBeNull();
  for (const [key, value] of entries(doc, 'log')) expect(parseLogEntry(key, value), `log ${key}`).not.toBeNull();
  for (const [key, value] of entries(doc, 'mod')) expect(parseModeration(key, value), `mod ${key}`).not.toBeNull();
  const { messages: shown } = readVolume(doc);
  expect(new Set(shown.map(({ slot }) => slot)).size, 'each message once').toBe(shown.length);
  const by = entries(doc, 'b').filter(([key, value]) => key.endsWith('/by') && value === bea);
  const server = ['people', 'rooms', 'boards', 'asked'].flatMap((root) => entries(doc, root));
  return [messages, entries(doc, 'mod'), by, server, entries(doc, 'drafts')];
}

function entries(doc: Y.Doc, root: string): [string, unknown][] {
  return Object.entries(doc.getMap(root).toJSON()).sort(([a], [b]) => (a < b ? -1 : 1));
}
