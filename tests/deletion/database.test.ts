import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import * as boards from '../../src/lib/model/board.ts';
import {
  bodyAt,
  deleteMessage,
  editMessage,
  moderate,
  movedTo,
  readVolume,
  sendMessage,
  type Slot,
} from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { askBoard } from '../../src/lib/model/asks.ts';
import { forgetAsk, readInbox, saveDraft } from '../../src/lib/model/inbox.ts';
import { mentionToken } from '../../src/lib/model/mentions.ts';
import { parseSlot } from '../../src/lib/model/message-slots.ts';
import { wishForRoom } from '../../src/lib/model/wish-for-room.ts';
import { description } from '../../src/lib/model/task.ts';
import { postgresIsAvailable } from '../harness/postgres.ts';
import type { Peer } from '../sync/peer.ts';
import { World, type Person } from '../sync/world.ts';
import { canary, found, rowsOf } from './scan.ts';

const INSPECT = fileURLToPath(new URL('../../server/cli/inspect.ts', import.meta.url));
/** Everything that the server does about deletions by itself. */
const JOBS = ['compact', 'erase', 'carry', 'deliver', 'directory', 'ask'];

describe.each(['embedded', 'postgres'] as const)('what is deleted is gone, on %s', (engine) => {
  if (engine === 'postgres' && !postgresIsAvailable()) {
    if (process.env.CI) throw new Error('CI needs a Postgres: set DATABASE_URL, or install its binaries.');
    process.stderr.write('SKIPPED on real Postgres: set DATABASE_URL, or install its binaries.\n');
    it.skip('needs a Postgres');
    return;
  }
  let world: World;
  let ada: Person;
  let bob: Person;
  let board: string;
  const gone: string[] = [];
  const kept: string[] = [];
  /** Words that are to be found in the history of messages, and nowhere else. */
  const history: string[] = [];
  const documents = new Set<string>();

  const word = (what: string): string => {
    const made = canary(what);
    gone.push(made);
    return made;
  };
  const open = (who: Person, name: string, doc?: Y.Doc): Promise<Peer> => {
    documents.add(name);
    return world.open(who, name, doc);
  };
  const room = async (): Promise<(volume: number) => string> => {
    const id = await world.room(board, ada);
    return (volume) => `room/${id}/${volume}`;
  };
  const midOf = (slot: Slot): string => parseSlot(slot)?.mid ?? '';
  /** Fails when the word was never there: then its absence would prove nothing. */
  const isStored = async (name: string, text: string): Promise<void> => {
    const stored = await world.store.documents.load(name);
    const rows = [stored?.snapshot ?? new Uint8Array(), ...(stored?.updates ?? []).map(({ data }) => data)];
    expect(
      rows.some((row) => Buffer.from(row).includes(text)),
      `${text} in the rows of ${name}`,
    ).toBe(true);
  };

  const rowOf = (name: string, slot: Slot) => ({
    ref: name.slice(0, name.lastIndexOf('/')) as `room/${string}`,
    author: parseSlot(slot)?.author ?? '',
    mid: midOf(slot),
  });
  const wordings = async (name: string, slot: Slot, texts: readonly string[]): Promise<void> => {
    const found = await world.store.messageEdits.of(rowOf(name, slot));
    expect(found.map(({ text }) => text)).toEqual(texts);
  };

  beforeAll(async () => {
    const soon = { compactMs: 100, eraseMs: 300 };
    world = await World.open({ volume: { entries: 4 }, erasure: soon, compactEveryMs: 500 }, engine);
    ada = await world.person('ada');
    bob = await world.person('bob');
    board = await world.board(ada, [bob]);
  });
  afterAll(() => world.close());

  it('[S44] a message that its author deletes, and one that was edited before', async () => {
    const name = (await room())(1);
    const [a, b] = [await open(ada, name), await open(bob, name)];
    const [deleted, before, after] = [word('deleted'), word('before'), canary('after')];
    kept.push(after);
    const slot = sendMessage(a.doc, ada.id, { text: deleted });
    const edited = sendMessage(a.doc, ada.id, { text: before });
    await a.saved();
    await isStored(name, deleted);
    await isStored(name, before);
    deleteMessage(a.doc, ada.id, midOf(slot));
    editMessage(a.doc, ada.id, midOf(edited), after);
    await a.saved();
    await b.until(() => bodyAt(b.doc, slot)?.kind === 'tombstone');
    await wordings(name, edited, [before]);
    const last = word('last');
    editMessage(a.doc, ada.id, midOf(edited), last);
    await a.saved();
    await wordings(name, edited, [before, after]);
    deleteMessage(a.doc, ada.id, midOf(edited));
    gone.push(...kept.splice(kept.indexOf(after), 1));
    await a.saved();
    await wordings(name, edited, []);
  });

  it('[S64] words that are edited away leave the document, and stay in the history alone', async () => {
    const name = (await room())(1);
    const a = await open(ada, name);
    const [before, after] = [canary('historic'), canary('present')];
    history.push(before);
    kept.push(after);
    const slot = sendMessage(a.doc, ada.id, { text: before });
    await a.saved();
    await isStored(name, before);
    editMessage(a.doc, ada.id, midOf(slot), after);
    await a.saved();
    await wordings(name, slot, [before]);
  });

  it('[S64] the history of a message that a moderator removes', async () => {
    const name = (await room())(1);
    const [a, b] = [await open(ada, name), await open(bob, name)];
    const [first, second] = [word('wording'), word('reworded')];
    const slot = sendMessage(b.doc, bob.id, { text: first });
    await b.saved();
    editMessage(b.doc, bob.id, midOf(slot), second);
    await b.saved();
    await wordings(name, slot, [first]);
    await a.until(() => JSON.stringify(bodyAt(a.doc, slot)).includes(second));
    moderate(a.doc, slot, ada.id);
    await a.until(() => bodyAt(a.doc, slot)?.kind === 'tombstone');
    await expect.poll(() => world.store.messageEdits.of(rowOf(name, slot)), { timeout: 20_000 }).toEqual([]);
  });

  it('[S44] a message of an old volume', async () => {
    const name = await room();
    const a = await open(ada, name(1));
    const text = word('old');
    const slot = sendMessage(a.doc, ada.id, { text });
    for (let i = 0; i < 4; i++) sendMessage(a.doc, ada.id, { text: 'more' });
    await a.saved();
    await isStored(name(1), text);
    expect(readVolume(a.doc).next).toBe(2);
    deleteMessage(a.doc, ada.id, midOf(slot));
    await a.saved();
  });

  it('[S14] a message that came late, was moved, and is deleted where it stands', async () => {
    const name = await room();
    const late = await open(bob, name(1));
    late.drop();
    const text = word('moved');
    const slot = sendMessage(late.doc, bob.id, { text });
    const a = await open(ada, name(1));
    for (let i = 0; i < 4; i++) sendMessage(a.doc, ada.id, { text: 'more' });
    await a.saved();
    await late.connect();
    await late.saved();
    await late.until(() => movedTo(late.doc, slot) === 2);
    await isStored(name(1), text);
    const head = await open(bob, name(2));
    await head.until(() => bodyAt(head.doc, slot)?.kind === 'message');
    await late.until(() => bodyAt(late.doc, slot) === null);
    deleteMessage(head.doc, bob.id, midOf(slot));
    await head.saved();
  });

  it('[S14] words that a device writes in the old place do not bring a deleted message back', async () => {
    const name = await room();
    const late = await open(bob, name(1));
    late.drop();
    const slot = sendMessage(late.doc, bob.id, { text: word('first') });
    const phone = new Y.Doc();
    Y.applyUpdate(phone, Y.encodeStateAsUpdate(late.doc));
    const a = await open(ada, name(1));
    for (let i = 0; i < 4; i++) sendMessage(a.doc, ada.id, { text: 'more' });
    await a.saved();
    await late.connect();
    await late.until(() => movedTo(late.doc, slot) === 2 && bodyAt(late.doc, slot) === null);
    const head = await open(bob, name(2));
    deleteMessage(head.doc, bob.id, midOf(slot));
    await head.saved();
    const back = world.peer(bob, name(1), phone);
    editMessage(phone, bob.id, midOf(slot), word('again'));
    await back.connect();
    await back.saved();
    await back.until(() => bodyAt(back.doc, slot) === null);
    expect(bodyAt(head.doc, slot)?.kind).toBe('tombstone');
  });

  it('[S45] a message that a moderator removes, whatever its author writes afterwards', async () => {
    const name = (await room())(1);
    const [a, b] = [await open(ada, name), await open(bob, name)];
    const text = word('removed');
    const slot = sendMessage(b.doc, bob.id, { text });
    await b.saved();
    await isStored(name, text);
    const phone = new Y.Doc();
    Y.applyUpdate(phone, Y.encodeStateAsUpdate(b.doc));
    await a.until(() => bodyAt(a.doc, slot) !== null);
    moderate(a.doc, slot, ada.id);
    await a.saved();
    await a.until(() => bodyAt(a.doc, slot)?.kind === 'tombstone');
    expect(readVolume(a.doc).messages[0]?.removedBy).toBe(ada.id);

    const back = world.peer(bob, name, phone);
    editMessage(phone, bob.id, midOf(slot), word('insists'));
    await back.connect();
    await back.saved();
    await back.until(() => bodyAt(back.doc, slot)?.kind === 'tombstone');
    await a.until(() => bodyAt(a.doc, slot)?.kind === 'tombstone');
  });

  it('[S45] a message that its author deleted on one device and edited on another', async () => {
    const name = (await room())(1);
    const [a, b] = [await open(ada, name), await open(bob, name)];
    for (let i = 0; i < 3; i++) {
      const slot = sendMessage(a.doc, ada.id, { text: word('twice') });
      await a.saved();
      const phone = new Y.Doc();
      Y.applyUpdate(phone, Y.encodeStateAsUpdate(a.doc));
      deleteMessage(a.doc, ada.id, midOf(slot));
      await a.saved();
      // Wins or loses by chance; is gone in either case.
      const back = world.peer(ada, name, phone);
      editMessage(phone, ada.id, midOf(slot), `${mentionToken({ user: bob.id })} ${word('late')}`);
      await back.connect();
      await back.saved();
      await back.until(() => bodyAt(back.doc, slot)?.kind === 'tombstone');
      await b.until(() => bodyAt(b.doc, slot)?.kind === 'tombstone');
      back.drop();
    }
    const inbox = await open(bob, `inbox/${bob.id}`);
    expect(readInbox(inbox.doc).notifications).toEqual([]);
    inbox.drop();
  });

  it('[S46] excerpts of a message that is edited, deleted, removed, or names nobody any more', async () => {
    const name = (await room())(1);
    const [a, b] = [await open(ada, name), await open(bob, name)];
    const inbox = await open(bob, `inbox/${bob.id}`);
    const home = await open(ada, `inbox/${ada.id}`);
    const excerpts = (peer: Peer): string => JSON.stringify(readInbox(peer.doc).notifications);
    const to = (who: Person): string => mentionToken({ user: who.id });
    const words = {
      deleted: word('told'),
      withdrawn: word('unnamed'),
      edited: word('reworded'),
      removed: word('hidden'),
    };
    const slots = {
      deleted: sendMessage(a.doc, ada.id, { text: `${to(bob)} ${words.deleted}` }),
      withdrawn: sendMessage(a.doc, ada.id, { text: `${to(bob)} ${words.withdrawn}` }),
      edited: sendMessage(a.doc, ada.id, { text: `${to(bob)} ${words.edited}` }),
      removed: sendMessage(b.doc, bob.id, { text: `${to(ada)} ${words.removed}` }),
    };
    await inbox.until(() =>
      [words.deleted, words.withdrawn, words.edited].every((one) => excerpts(inbox).includes(one)),
    );
    await home.until(() => excerpts(home).includes(words.removed));
    await a.until(() => bodyAt(a.doc, slots.removed) !== null);
    const better = canary('better');
    kept.push(better);
    deleteMessage(a.doc, ada.id, midOf(slots.deleted));
    editMessage(a.doc, ada.id, midOf(slots.withdrawn), 'nobody');
    editMessage(a.doc, ada.id, midOf(slots.edited), `${to(bob)} ${better}`);
    moderate(a.doc, slots.removed, ada.id);
    await a.saved();
    await inbox.until(() => excerpts(inbox).includes(better));
    await inbox.until(() => readInbox(inbox.doc).notifications.length === 1);
    // They are earlier wordings now, of messages that are still there.
    for (const one of [words.withdrawn, words.edited]) history.push(...gone.splice(gone.indexOf(one), 1));
    await home.until(() => readInbox(home.doc).notifications.length === 0);
    expect(found([...gone, ...history], excerpts(inbox))).toEqual([]);
  });

  it('[S44] titles, descriptions, names of rooms, drafts and asks', async () => {
    const a = await open(ada, `board/${board}`);
    const column = newId();
    const card = newId();
    const title = word('title');
    boards.addColumn(a.doc, ada.id, word('column'), column);
    boards.addCard(a.doc, ada.id, column, title, card);
    boards.setTitle(a.doc, word('board'));
    await a.saved();
    await isStored(`board/${board}`, title);
    boards.renameCard(a.doc, card, 'Paint');
    boards.renameColumn(a.doc, column, 'To do');
    boards.setTitle(a.doc, 'House');
    await a.saved();

    const text = await open(ada, `task/${card}`);
    const paragraph = new Y.XmlElement('paragraph');
    const words = new Y.XmlText(word('paragraph'));
    description(text.doc).insert(0, [paragraph]);
    paragraph.insert(0, [words]);
    await text.saved();
    words.delete(0, words.length);
    await text.saved();

    const name = word('room').slice(0, 30);
    const id = await world.room(board, ada, name);
    await a.until(() => boards.readRooms(a.doc).some((one) => one.id === id));
    await world.store.rooms.change(id, { name: 'Plain' });
    await world.sync.roomChanged(id);

    const inbox = await open(ada, `inbox/${ada.id}`);
    const draft = word('draft');
    saveDraft(inbox.doc, `room/${id}`, draft);
    const asked = askBoard(inbox.doc, word('ask')) ?? '';
    await inbox.saved();
    await isStored(`inbox/${ada.id}`, draft);
    await inbox.until(() => readInbox(inbox.doc).boards.some((one) => one.id === asked && !one.pending));
    saveDraft(inbox.doc, `room/${id}`, '');
    forgetAsk(inbox.doc, `board/${asked}`);
    await inbox.saved();
    await world.store.boards.rename(asked, 'Plain');
    await world.sync.boardChanged(asked);
  });

  it('[S47] a board that is removed, with all its words', async () => {
    const made = await world.board(ada, [bob]);
    await world.store.boards.rename(made, word('gone'));
    await world.sync.boardChanged(made);
    const id = await world.room(made, ada, word('name').slice(0, 30));
    const a = await world.open(ada, `room/${id}/1`);
    sendMessage(a.doc, ada.id, { text: `${mentionToken({ user: bob.id })} ${word('inside')}` });
    await a.saved();
    const b = await world.open(ada, `board/${made}`);
    const column = newId();
    boards.addColumn(b.doc, ada.id, word('list'), column);
    boards.addCard(b.doc, ada.id, column, word('task'), newId());
    await b.saved();
    await world.store.boards.remove(made);
    await world.sync.boardChanged(made);
    await a.until(() => a.ended !== null);
    await expect.poll(() => world.store.boards.removed(10, 0), { timeout: 60_000 }).toEqual([]);
    expect(await world.store.documents.load(`room/${id}/1`)).toBeNull();
    expect(await world.store.documents.load(`board/${made}`)).toBeNull();
  });

  it('[S63] a room that is deleted, with its words, names, drafts and what told of it', async () => {
    const name = word('roomname').slice(0, 30);
    const id = await world.room(board, ada, name);
    const list = await open(bob, `board/${board}`);
    await list.until(() => boards.readRooms(list.doc).some((one) => one.id === id));
    const home = await open(bob, `inbox/${bob.id}`);
    const boss = await open(ada, `inbox/${ada.id}`);
    wishForRoom(boss.doc, id, { field: 'description', value: word('purpose') });
    await list.until(() => boards.readRooms(list.doc).some((one) => one.id === id && one.description !== ''));
    // A wish that was refused keeps its words in the inbox of who wished.
    wishForRoom(home.doc, id, { field: 'name', value: word('refusedname').slice(0, 30) });
    await home.until(() => readInbox(home.doc).refusedAsks.some((ask) => ask.kind === 'wish' && ask.id === id));
    // Not remembered: what is gone cannot be read again.
    const a = await world.open(ada, `room/${id}/1`);
    const text = word('spoken');
    sendMessage(a.doc, ada.id, { text: `${mentionToken({ user: bob.id })} ${text}` });
    await a.saved();
    await isStored(`room/${id}/1`, text);
    await home.until(() => JSON.stringify(readInbox(home.doc).notifications).includes(text));
    saveDraft(home.doc, `room/${id}`, word('half'));
    await home.saved();
    expect(await world.store.rooms.remove(id)).toBe(true);
    await world.sync.roomChanged(id);
    await a.until(() => a.ended !== null);
    await expect.poll(() => world.store.rooms.removed(10, 0), { timeout: 60_000 }).toEqual([]);
    expect(await world.store.documents.load(`room/${id}/1`)).toBeNull();
    await home.until(() => found(gone, JSON.stringify(home.doc.toJSON())).length === 0);
    await list.until(() => found(gone, JSON.stringify(list.doc.toJSON())).length === 0);
  });

  it('is in no document in memory, no row of any table, no log line and no output of inspect', async () => {
    await expect.poll(() => world.store.jobs.nextAt(JOBS), { timeout: 60_000 }).toBeNull();
    expect(gone.length).toBeGreaterThan(20);
    expect(history.length).toBe(3);
    const nowhere = [...gone, ...history];
    for (const name of documents) {
      const bytes = await world.sync.read(name, (doc) => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('latin1'));
      expect(found(nowhere, bytes), `in memory, ${name}`).toEqual([]);
    }
    world.disconnect();
    await world.sync.stop();
    await world.store.close();
    expect(found(nowhere, world.lines.join('\n')), 'in the log').toEqual([]);

    const { dataDir, databaseUrl } = world.place;
    const env = { PATH: process.env.PATH, DATA_DIR: dataDir, ...(databaseUrl && { DATABASE_URL: databaseUrl }) };
    for (const name of [`board/${board}`, `inbox/${bob.id}`]) {
      const { stdout } = await promisify(execFile)(process.execPath, [INSPECT, name], { env });
      expect(stdout).toContain(name);
      expect(found(nowhere, stdout), `inspect ${name}`).toEqual([]);
    }
    const rows = await rowsOf(world);
    const left = rows.flatMap(({ table, row }) => found(nowhere, row).map((one) => `${table}: ${one}`));
    expect(left.sort()).toEqual(history.map((one) => `message_edits: ${one}`).sort());
    // The search finds what is there.
    for (const one of kept)
      expect(
        rows.some(({ row }) => found([one], row).length > 0),
        one,
      ).toBe(true);
  });
});
