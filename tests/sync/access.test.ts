import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { readPeople } from '../../src/lib/model/board.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { readVolume, sendMessage } from '../../src/lib/model/conversation.ts';
import { mintClientId } from '../../src/lib/model/client-ids.ts';
import { World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;
let stranger: Person;
let board: string;
let name: string;

beforeAll(async () => {
  world = await World.open();
  ada = await world.person('ada');
  bob = await world.person('bob');
  stranger = await world.person('stranger');
});
afterAll(() => world.close());
beforeEach(async () => {
  board = await world.board(ada, [bob]);
  name = `room/${await world.room(board, ada)}/1`;
});

describe('who may open what', () => {
  test('[S26] absent, forbidden and ill-named documents get the same answer', async () => {
    const id = newId();
    const names = [
      name,
      `board/${board}`,
      `board/${id}`,
      `room/${id}/1`,
      `task/${id}`,
      `task/${id}/1`,
      `inbox/${ada.id}`,
    ];
    const illNamed = [
      'room/1/../2',
      `room/${id}`,
      `board/${id}/1`,
      `room/${id}/01`,
      '__proto__',
      'constructor',
      'room/１/2',
    ];
    for (const one of [...names, ...illNamed]) {
      const peer = await world.open(stranger, one);
      expect([one, peer.ended]).toEqual([one, 'not-found']);
    }
    expect(Object.prototype).not.toHaveProperty('providerVersion');
    expect(world.sync.stats().documents).toBe(0);
  });

  test('[S26] no token, no document', async () => {
    const peer = world.peer({ ...ada, token: 'wrong' }, name);
    await peer.connect();
    expect(peer.ended).toBe('signed-out');
  });

  test('[S27] a viewer reads and hears, and what they write is refused', async () => {
    await world.setRole(board, bob, 'viewer');
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    await b.saved();
    sendMessage(a.doc, ada.id, { text: 'read this' });
    await b.until(() => readVolume(b.doc).messages.length === 1);
    sendMessage(b.doc, bob.id, { text: 'may I' });
    await b.until(() => b.ended !== null);
    expect(b.ended).toBe('refused:read-only');
    expect(readVolume(await world.stored(name)).messages).toHaveLength(1);
  });

  test('[S27] a role that changes counts for what is already open', async () => {
    const b = await world.open(bob, name);
    sendMessage(b.doc, bob.id, { text: 'one' });
    await b.saved();
    await world.setRole(board, bob, 'viewer');
    sendMessage(b.doc, bob.id, { text: 'two' });
    await b.until(() => b.ended !== null);
    expect(b.ended).toBe('refused:read-only');
    await world.setRole(board, bob, 'commenter');
    const again = await world.open(bob, name);
    sendMessage(again.doc, bob.id, { text: 'three' });
    await again.saved();
  });
});

describe('revocation', () => {
  test('[S28] a removed member is out of every document of the board at once, and out of its lists', async () => {
    const a = await world.open(ada, `board/${board}`);
    await a.until(() => readPeople(a.doc).has(bob.id));
    const inbox = await world.open(bob, `inbox/${bob.id}`);
    await inbox.until(() => readInbox(inbox.doc).boards.some((one) => one.id === board));
    const b = await world.open(bob, name);
    const onBoard = await world.open(bob, `board/${board}`);
    const before = performance.now();
    await world.setRole(board, bob, null);
    await Promise.all([b.until(() => b.ended !== null), onBoard.until(() => onBoard.ended !== null)]);
    expect(performance.now() - before).toBeLessThan(2_000);
    expect([b.ended, onBoard.ended]).toEqual(['revoked', 'revoked']);
    await a.until(() => !readPeople(a.doc).has(bob.id));
    await inbox.until(() => !readInbox(inbox.doc).boards.some((one) => one.id === board));
    expect((await world.open(bob, name)).ended).toBe('not-found');
  });

  test('[S28] what was queued on the connection is refused with it', async () => {
    const b = await world.open(bob, name);
    await b.saved();
    const before = world.sync.stats().accepted;
    // Revoked in the turn after the first of them arrived, while the others wait behind it.
    for (let i = 0; i < 50; i++) sendMessage(b.doc, bob.id, { text: `${i}` });
    await expect.poll(() => world.sync.stats().accepted, { interval: 1 }).toBeGreaterThan(before);
    await world.sync.revoke({ user: bob.id, board });
    await b.until(() => b.ended !== null);
    expect(b.ended).toBe('revoked');
    const stored = readVolume(await world.stored(name)).messages.length;
    expect(stored).toBeLessThan(50);
    await world.sync.read(name, () => undefined);
    expect(readVolume(await world.stored(name)).messages.length).toBe(stored);
  });

  test('[S71] a change that nobody knows of has everybody judged anew: who is out stays out, the others come back', async () => {
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    // The database did it, and went away with the answer.
    await world.store.boards.removeMember(board, bob.id);
    world.sync.judgeAnew(board);
    await Promise.all([a, b].map((peer) => peer.until(() => peer.closed !== null)));
    expect([a.closed, b.closed]).toMatchObject([{ reason: 'unavailable' }, { reason: 'unavailable' }]);
    expect((await a.connect()).ended).toBeNull();
    expect((await b.connect()).ended).toBe('not-found');
  });

  test('[S29] who is removed while being let in does not stay', async () => {
    const before = world.sync.stats().connections;
    const b = world.peer(bob, name);
    const opening = b.connect();
    await world.store.boards.removeMember(board, bob.id);
    await world.sync.membershipChanged(board);
    await opening;
    await b.until(() => b.ended !== null);
    expect(['revoked', 'not-found']).toContain(b.ended);
    expect(world.sync.stats().connections).toBe(before);
  });

  test("[S30] a session's end closes its sockets, and only these", async () => {
    const b = await world.open(bob, name);
    const a = await world.open(ada, name);
    world.signOut(bob);
    await world.sync.revoke({ user: bob.id, session: bob.session });
    await b.until(() => b.closed !== null);
    expect(b.closed).toEqual({ code: 4401, reason: 'signed-out' });
    sendMessage(a.doc, ada.id, { text: 'still here' });
    await a.saved();
    bob = await world.person('bob-again');
  });

  test('[S30] a removed board is gone for everybody', async () => {
    const inbox = await world.open(ada, `inbox/${ada.id}`);
    const a = await world.open(ada, name);
    await world.store.boards.remove(board);
    await world.sync.boardChanged(board);
    await a.until(() => a.ended !== null);
    expect(a.ended).toBe('revoked');
    await inbox.until(() => !readInbox(inbox.doc).boards.some((one) => one.id === board));
  });
});

describe('presence', () => {
  test('[S31] states are stamped with who it is, and nobody speaks for another', async () => {
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    b.sendAwareness([
      [b.doc.clientID, { user: ada.id, typing: 1, extra: 'x'.repeat(1000) }],
      [a.doc.clientID, { user: ada.id, typing: 1 }],
      [mintClientId(0), { user: ada.id }],
    ]);
    await a.until(() => a.awareness.getStates().size > 0);
    expect([...a.awareness.getStates()]).toEqual([[b.doc.clientID, { user: bob.id, typing: 1 }]]);
    b.drop();
    await a.until(() => a.awareness.getStates().size === 0);
  });

  test('[S31] one connection shows a few clients, not a crowd', async () => {
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    b.sendAwareness(Array.from({ length: 100 }, (_, i) => [mintClientId(bob.seq, i), {}]));
    await a.until(() => a.awareness.getStates().size > 0);
    expect(a.awareness.getStates().size).toBe(4);
  });
});
