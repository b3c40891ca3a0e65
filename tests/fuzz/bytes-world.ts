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
} from '../../src/lib/model/conversation.ts';
import { saveDraft } from '../../src/lib/model/inbox.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { boardDoc, inboxDoc, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { description } from '../../src/lib/model/task.ts';
import type { Peer } from '../sync/peer.ts';
import { World, type Person } from '../sync/world.ts';
import { record, type Session } from './bytes-traffic.ts';

/** A corridor in this process with people on it: Mallory and Vera attack, Bea was there before and goes on. */
export class Town {
  readonly world: World;
  readonly attackers: Person[];
  readonly sessions: Session[];
  readonly #bea: Person;
  readonly #names: string[];
  readonly #peers: Peer[];
  #protected = '';

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
    town.#protected = await town.#read();
    return town;
  }

  /** Throws unless Bea goes on undisturbed, what she wrote is as she wrote it, and every document is sound. */
  async check(): Promise<void> {
    for (const peer of this.#peers) {
      expect([peer.ended, peer.closed], `Bea in ${peer.name}`).toEqual([null, null]);
      if (peer.name.startsWith('room/')) sendMessage(peer.doc, this.#bea.id, { text: 'Bea goes on' });
      await peer.saved();
    }
    expect(JSON.parse(await this.#read()), 'what is of others').toEqual(JSON.parse(this.#protected));
  }

  /** What only Bea or the server may write; throws for a document that is not as the model wants it. */
  async #read(): Promise<string> {
    const found: unknown[] = [];
    for (const name of this.#names) {
      const doc = await this.world.stored(name);
      expect(doc.store.pendingStructs, name).toBeNull();
      expect(doc.store.pendingDs, name).toBeNull();
      found.push(name, ...protectedIn(doc, this.#bea.id));
      doc.destroy();
    }
    return JSON.stringify(found);
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
  return [messages, entries(doc, 'mod'), by, server, entries(doc, 'drafts'), doc.getArray('n').toJSON()];
}

function entries(doc: Y.Doc, root: string): [string, unknown][] {
  return Object.entries(doc.getMap(root).toJSON()).sort(([a], [b]) => (a < b ? -1 : 1));
}
