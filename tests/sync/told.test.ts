import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deleteMessage, editMessage, sendMessage, type Slot } from '../../src/lib/model/conversation.ts';
import { CALLS_PER_MINUTE, quietIn } from '../../src/lib/model/group-calls.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { setLevel, type Level } from '../../src/lib/model/levels.ts';
import { mentionToken } from '../../src/lib/model/mentions.ts';
import { parseSlot } from '../../src/lib/model/message-slots.ts';
import type { ConversationRef } from '../../src/lib/model/names.ts';
import type { Peer } from './peer.ts';
import { World, type Person } from './world.ts';

let world: World;
let now = Date.parse('2026-03-01T12:00:00Z');
let ada: Person;
let bob: Person;
let cleo: Person;
/** A commenter, and one who only reads. */
let guest: Person;
let reader: Person;
let board: string;
let room: string;
let ref: ConversationRef;
let a: Peer;
let b: Peer;

beforeAll(async () => {
  world = await World.open({ clock: () => now });
  ada = await world.person('ada');
  bob = await world.person('bob');
  cleo = await world.person('cleo');
  guest = await world.person('guest');
  reader = await world.person('reader');
  board = await world.board(ada, [bob, cleo, [guest, 'commenter'], [reader, 'viewer']]);
});
afterAll(() => world.close());

beforeEach(async () => {
  world.disconnect();
  // What was called before is out of mind.
  now += 120_000;
  room = await world.room(board, ada);
  ref = `room/${room}`;
  a = await world.open(ada, `${ref}/1`);
  b = await world.open(bob, `${ref}/1`);
});

const at = (who: Person): string => mentionToken({ user: who.id });
const all = mentionToken({ group: 'room' });
const here = mentionToken({ group: 'here' });
const everybody = mentionToken({ group: 'board' });
const mid = (slot: Slot): string => parseSlot(slot)?.mid ?? '';

/** Resolves when everything that was to be told is told. */
async function delivered(): Promise<void> {
  await expect.poll(async () => (await world.store.notifications.pending(10)).size, { timeout: 20_000 }).toBe(0);
}

async function say(text: string, replyTo: Slot | null = null): Promise<Slot> {
  const slot = sendMessage(a.doc, ada.id, { text, replyTo });
  await a.saved();
  return slot;
}

async function edit(slot: Slot, text: string): Promise<void> {
  editMessage(a.doc, ada.id, mid(slot), text);
  await a.saved();
}

/** Why each of these people is told of a message, as their inboxes say it. */
async function told(slot: Slot, people: readonly Person[] = [ada, bob, cleo, guest, reader]): Promise<string[]> {
  await delivered();
  const lines = await Promise.all(
    people.map(({ id, username }) =>
      world.sync.read(`inbox/${id}`, (doc) =>
        readInbox(doc)
          .notifications.filter((one) => one.slot === slot && one.conversation === ref)
          .map(({ kind }) => `${username}: ${kind}`),
      ),
    ),
  );
  return lines.flat();
}

async function choose(person: Person, level: Level): Promise<void> {
  const inbox = await world.open(person, `inbox/${person.id}`);
  setLevel(inbox.doc, room, level);
  await inbox.saved();
  inbox.destroy();
}

async function isQuiet(person: Person, slot: Slot): Promise<boolean> {
  await delivered();
  return world.sync.read(`inbox/${person.id}`, (doc) => quietIn(doc, ref).has(slot));
}

describe('for which reason', () => {
  test('[S49] a reply tells whom it answers, and by name is stronger', async () => {
    const words = sendMessage(b.doc, bob.id, { text: 'who knows?' });
    await a.until(() => a.doc.getMap('m').has(`m/${words}`));
    expect(await told(await say('I do', words))).toEqual(['bob: reply']);
    expect(await told(await say(`I do, ${at(bob)}`, words))).toEqual(['bob: mention']);
    expect(await told(await say(`${all} I do`, words))).toEqual([
      'bob: reply',
      'cleo: group',
      'guest: group',
      'reader: group',
    ]);
  });

  test('[S49] a reply to what nobody said here tells nobody, and neither does one to oneself', async () => {
    expect(await told(await say('forged', `${bob.id}/${newId()}`))).toEqual([]);
    const own = await say('first');
    expect(await told(await say('second', own))).toEqual([]);
    const elsewhere = `room/${await world.room(board, bob)}/1`;
    const other = await world.open(bob, elsewhere);
    const there = sendMessage(other.doc, bob.id, { text: 'elsewhere' });
    await other.saved();
    expect(await told(await say('from another room', there))).toEqual([]);
  });

  test('[S49] a group tells each once, by name is stronger', async () => {
    const slot = await say(`${everybody} ${all} ${here} and ${at(bob)}`);
    expect(await told(slot)).toEqual(['bob: mention', 'cleo: group', 'guest: group', 'reader: group']);
  });

  test('[S50] @here is those who are connected', async () => {
    // Cleo only has her inbox open, as in another board.
    await world.open(cleo, `inbox/${cleo.id}`);
    const slot = await say(`${here} lunch?`);
    expect(await told(slot)).toEqual(['bob: group', 'cleo: group']);
  });

  test('[S50] @here in a word that is edited later tells nobody who came since', async () => {
    const slot = await say(`${here} lunch?`);
    expect(await told(slot)).toEqual(['bob: group']);
    await world.open(cleo, `${ref}/1`);
    await edit(slot, `${here} lunch at one?`);
    expect(await told(slot)).toEqual(['bob: group']);
    await edit(slot, `${all} lunch at two?`);
    expect(await told(slot)).toEqual(['bob: group', 'cleo: group', 'guest: group', 'reader: group']);
    await edit(slot, 'no lunch');
    expect(await told(slot)).toEqual([]);
  });

  test('[S50] in a private room every group is its people', async () => {
    const secret = newId();
    await world.store.rooms.create({ id: secret, board, name: `Secret ${secret}`, by: ada.id, private: true });
    await world.store.roomMembers.add(secret, bob.id);
    await world.sync.roomChanged(secret);
    ref = `room/${secret}`;
    a = await world.open(ada, `${ref}/1`);
    await world.open(cleo, `inbox/${cleo.id}`);
    expect(await told(await say(`${everybody} ${here} ${at(cleo)}`))).toEqual(['bob: group']);
  });

  test('[S50] in a thread @room is those who have written there', async () => {
    const task = newId();
    await world.store.tasks.ensure([{ id: task, board }]);
    ref = `task/${task}`;
    a = await world.open(ada, `${ref}/1`);
    b = await world.open(bob, `${ref}/1`);
    expect(await told(await say(`${all} anybody?`))).toEqual([]);
    sendMessage(b.doc, bob.id, { text: 'me' });
    await b.saved();
    expect(await told(await say(`${all} thanks`))).toEqual(['bob: group']);
    expect(await told(await say(`${everybody} look`))).toEqual([
      'bob: group',
      'cleo: group',
      'guest: group',
      'reader: group',
    ]);
  });
});

describe('edits and deletions', () => {
  test('[S16] an edit tells whom it adds by a group, and takes back from whom it no longer calls', async () => {
    const slot = await say(`hello ${at(bob)}`);
    await edit(slot, `hello ${at(bob)} and ${all}`);
    expect(await told(slot)).toEqual(['bob: mention', 'cleo: group', 'guest: group', 'reader: group']);
    await edit(slot, `hello ${all}`);
    expect(await told(slot)).toEqual(['bob: group', 'cleo: group', 'guest: group', 'reader: group']);
    await edit(slot, `hello ${at(cleo)}`);
    expect(await told(slot)).toEqual(['cleo: mention']);
  });

  test('[S16] whom an edit tells is told late: having read the message before is not having read this', async () => {
    const slot = await say(`hello ${at(bob)}`);
    now += 1_000;
    await edit(slot, `hello ${at(bob)} and ${at(cleo)}`);
    await delivered();
    const late = (person: Person) =>
      world.sync.read(
        `inbox/${person.id}`,
        (doc) => readInbox(doc).notifications.find((one) => one.slot === slot)?.late,
      );
    expect(await Promise.all([late(bob), late(cleo)])).toEqual([undefined, 1]);
  });

  test('[S16] an edit takes it back also from who has left since, and after its author may call no longer', async () => {
    const dora = await world.person(`dora${now}`);
    const carl = await world.person(`carl${now}`);
    for (const one of [dora, carl]) await world.store.boards.setMember(board, one.id, 'member');
    await world.sync.boardChanged(board);
    const c = await world.open(carl, `${ref}/1`);
    const slot = sendMessage(c.doc, carl.id, { text: `hello ${all}` });
    await c.saved();
    expect(await told(slot, [bob, dora])).toEqual(['bob: group', `${dora.username}: group`]);
    await world.store.boards.removeMember(board, dora.id);
    await world.store.boards.setMember(board, carl.id, 'commenter');
    await world.sync.boardChanged(board);
    editMessage(c.doc, carl.id, mid(slot), 'hello');
    await c.saved();
    expect(await told(slot, [bob, dora])).toEqual([]);
    await world.store.boards.removeMember(board, carl.id);
    await world.sync.boardChanged(board);
  });

  test('[S16] everyone’s notification shows the words of now', async () => {
    const slot = await say(`one ${all} ${at(bob)}`);
    await edit(slot, `two ${all} ${at(bob)}`);
    await delivered();
    for (const { id } of [bob, cleo, reader]) {
      const words = await world.sync.read(`inbox/${id}`, (doc) => readInbox(doc).notifications[0]?.excerpt);
      expect(words).toBe('two @room @bob');
    }
  });

  test('[S16] a deletion takes it back from all, whatever told them', async () => {
    await choose(guest, 'all');
    const slot = await say(`${here} ${at(cleo)}`);
    expect(await told(slot)).toEqual(['bob: group', 'cleo: mention', 'guest: message']);
    deleteMessage(a.doc, ada.id, mid(slot));
    await a.saved();
    expect(await told(slot)).toEqual([]);
  });

  test('[S49] what is sent and edited at once tells as it stands in the end', async () => {
    a.pause();
    const slot = sendMessage(a.doc, ada.id, { text: `${all} ${at(bob)}` });
    editMessage(a.doc, ada.id, mid(slot), `only ${at(cleo)}`);
    const gone = sendMessage(a.doc, ada.id, { text: all });
    deleteMessage(a.doc, ada.id, mid(gone));
    await a.connect();
    await a.saved();
    expect(await told(slot)).toEqual(['cleo: mention']);
    expect(await told(gone)).toEqual([]);
  });
});

describe('levels', () => {
  test('[S51] each person is told as much of a room as they chose', async () => {
    await choose(bob, 'direct');
    await choose(cleo, 'none');
    await choose(guest, 'all');
    expect(await told(await say('nothing special'))).toEqual(['guest: message']);
    expect(await told(await say(`${all} come`))).toEqual(['guest: group', 'reader: group']);
    expect(await told(await say(`${at(bob)} ${at(cleo)} ${at(guest)}`))).toEqual(['bob: mention', 'guest: mention']);
    await choose(guest, 'mentions');
    await choose(cleo, 'mentions');
    expect(await told(await say(`quiet again, ${at(cleo)}`))).toEqual(['cleo: mention']);
  });

  test('[S51] a level is of one room', async () => {
    await choose(bob, 'none');
    ref = `room/${await world.room(board, ada)}`;
    a = await world.open(ada, `${ref}/1`);
    expect(await told(await say(at(bob)))).toEqual(['bob: mention']);
  });

  test('[S51] who wants all keeps what an edit names them in no longer', async () => {
    await choose(bob, 'all');
    const slot = await say(`for ${at(bob)}`);
    await edit(slot, 'for nobody');
    expect(await told(slot)).toEqual(['bob: message']);
    await edit(slot, `for ${at(bob)} again`);
    expect(await told(slot)).toEqual(['bob: mention']);
  });

  test('[S51] by @here those who want all are told also when they are away', async () => {
    await choose(guest, 'all');
    expect(await told(await say(`${here} now`))).toEqual(['bob: group', 'guest: message']);
  });
});

describe('who may call groups', () => {
  test('[S52] a commenter’s call is text, and a name in it still tells', async () => {
    const g = await world.open(guest, `${ref}/1`);
    const slot = sendMessage(g.doc, guest.id, { text: `${everybody} ${all} ${here} ${at(cleo)}` });
    await g.saved();
    expect(await told(slot)).toEqual(['cleo: mention']);
    expect(await isQuiet(guest, slot)).toBe(false);
  });

  test('[S52] the calls of a minute are counted; one more tells nobody, and its author hears so', async () => {
    const slots: Slot[] = [];
    for (let i = 0; i < CALLS_PER_MINUTE; i++) slots.push(await say(`${all} ${i}`));
    for (const slot of slots) expect(await told(slot)).toHaveLength(4);
    const more = await say(`${everybody} ${at(bob)} more`);
    expect(await told(more)).toEqual(['bob: mention']);
    expect(await isQuiet(ada, more)).toBe(true);
    expect(await isQuiet(ada, slots[0]!)).toBe(false);
    // It is no notification: nothing is unread for it.
    expect(await world.sync.read(`inbox/${ada.id}`, (doc) => readInbox(doc).notifications)).toEqual([]);
    await edit(more, 'never mind');
    expect(await isQuiet(ada, more)).toBe(false);
    now += 61_000;
    expect(await told(await say(`${all} later`))).toHaveLength(4);
  });

  test('[S52] an edit counts as a call where it calls anew, and only there', async () => {
    const slot = await say(`${all} 0`);
    for (let i = 1; i < 2 * CALLS_PER_MINUTE; i++) await edit(slot, `${all} ${i}`);
    expect(await told(await say(`${all} still heard`))).toHaveLength(4);
    for (let i = 0; i < CALLS_PER_MINUTE; i++) {
      await edit(slot, 'nobody');
      await edit(slot, `${all} again ${i}`);
    }
    expect(await told(slot)).toEqual([]);
    expect(await isQuiet(ada, slot)).toBe(true);
  });

  test('[S52] what is written offline is capped alike, in one transaction', async () => {
    a.pause();
    const slots = Array.from({ length: CALLS_PER_MINUTE + 3 }, (_, i) =>
      sendMessage(a.doc, ada.id, { text: `${all} ${i}` }),
    );
    await a.connect();
    await a.saved();
    const heard = await Promise.all(slots.map(async (slot) => (await told(slot)).length));
    expect(heard).toEqual([...slots.slice(3).map(() => 4), 0, 0, 0]);
  });
});
