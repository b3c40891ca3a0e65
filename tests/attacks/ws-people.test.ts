import * as encoding from 'lib0/encoding';
import { describe, expect } from 'vitest';
import { boardDoc, inboxDoc, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { AUTH, TYPE } from '../../server/sync/frames.ts';
import { any, forge, item } from '../fuzz/gate-forge.ts';
import { call, makeBoard, makeRoom, PASSWORD, signIn, type Person } from '../harness/people.ts';
import { authFrame, updateFrame, type Attacker } from './attacker.ts';
import { Ground } from './ground.ts';
import { Arena } from './harness.ts';
import type { Population } from './population.ts';

const arena = new Arena();
const hall = ({ home }: Population): string => volumeDoc(`room/${home.room}`, 1);

/** Nothing of the session's is left: not the socket, not a new one, not the token in the protocol. */
async function expectOver(ended: Attacker, person: Person, people: Population): Promise<void> {
  expect(await ended.closed()).toEqual({ code: 4401, reason: 'signed-out' });
  const again = await arena.enter(person);
  expect(await again.ask(boardDoc(people.home.board))).toBe('signed-out');
  expect(await again.ask(inboxDoc(person.id))).toBe('signed-out');
  const byToken = await arena.enter(null);
  expect(await byToken.ask(boardDoc(people.home.board), person.token)).toBe('signed-out');
  const plain = arena.connect(null, { path: `/yjs/${boardDoc(people.home.board)}?token=${person.token}` });
  expect(await plain.closed()).toMatchObject({ code: 4401 });
}

/** Ways in which a session ends, besides the one of the socket that is looked at. */
const ENDS: [name: string, end: (person: Person) => Promise<unknown>][] = [
  ['signing out', (person) => call(arena.server, person, 'DELETE', '/session')],
  [
    'a new password elsewhere',
    async (person) => {
      const elsewhere = await signIn(arena.server, person.username);
      await call(arena.server, elsewhere, 'PATCH', '/me', { password: { current: PASSWORD, new: `${PASSWORD} two` } });
    },
  ],
];

describe('after', () => {
  for (const [name, end] of ENDS) {
    arena.attack(`[S30] ${name}: the socket and the cookie are worth nothing`, async ({ people }) => {
      const me = await arena.newcomer();
      const socket = await arena.enter(me);
      await socket.fetch(boardDoc(people.home.board));
      await end(me);
      await expectOver(socket, me, people);
    });

    arena.attack(`[S30] ${name}: a socket that was opened with the token in the protocol, too`, async ({ people }) => {
      const me = await arena.newcomer();
      const socket = await arena.enter(null);
      expect(await socket.ask(boardDoc(people.home.board), me.token)).toBe('authenticated');
      arena.own(socket, me);
      await end(me);
      await expectOver(socket, me, people);
    });

    arena.attack(`[S30] ${name}: a plain client, too`, async ({ people }) => {
      const me = await arena.newcomer();
      const plain = await arena.enter(me, { path: `/yjs/${boardDoc(people.home.board)}` });
      await plain.settled();
      await end(me);
      expect(await plain.closed()).toMatchObject({ code: 4401 });
    });

    arena.attack(`[S28] ${name}: what was queued is not stored`, async ({ people }) => {
      const me = await arena.newcomer();
      const socket = await arena.enter(me);
      const ground = await Ground.explore(socket, volumeDoc(`room/${people.home.scratch}`, 1), people);
      const ending = end(me);
      const stored = await floodUntilClosed(socket, ground);
      await ending;
      await socket.closed();
      const reader = await arena.enter(people.olga);
      const kept = [...(await reader.fetch(ground.name)).getMap('m').keys()].filter((key) =>
        key.startsWith(`m/${me.id}/`),
      );
      expect(kept.length).toBeGreaterThanOrEqual(stored());
      expect(kept.length).toBeLessThan(SENT);
    });
  }
});

/** More than is taken in before the news of an end arrives. */
const SENT = 2_000;

/** Sends messages one after the other, without waiting; the answer tells how many were acknowledged. */
async function floodUntilClosed(socket: Attacker, ground: Ground): Promise<() => number> {
  const before = socket.frames.length;
  for (let i = 0; i < SENT; i++) {
    const message = item({ parent: 'm', key: ground.slot() }, any({ x: `number ${i}` }));
    socket.ws.send(updateFrame(ground.name, forge([{ client: ground.mine, clock: i, structs: [message] }])));
    if (i % 20 === 0) await new Promise(setImmediate);
  }
  return () => socket.frames.slice(before).filter((f) => f.type === TYPE.syncStatus && f.body[0] === 1).length;
}

describe('a member who is removed', () => {
  arena.attack('[S28] with a queue: nothing after the removal is stored or told', async ({ people }) => {
    const owner = await arena.newcomer();
    const me = await arena.newcomer();
    const board = await makeBoard(arena.server, owner, 'Ours');
    const room = await makeRoom(arena.server, owner, board, 'Talk');
    await call(arena.server, owner, 'POST', `/boards/${board}/invitations`, { role: 'member' }).then((invitation) =>
      call(arena.server, me, 'POST', `/invitations/${(invitation as { code: string }).code}/accept`, {}),
    );
    const socket = await arena.enter(me);
    const ground = await Ground.explore(socket, volumeDoc(`room/${room}`, 1), people);
    await socket.fetch(boardDoc(board));
    const removal = call(arena.server, owner, 'DELETE', `/boards/${board}/members/${me.id}`);
    await floodUntilClosed(socket, ground);
    await removal;
    await socket.next((f) => f.address === ground.name && f.type === TYPE.close);
    await socket.settled();
    const reader = await arena.enter(owner);
    const kept = async () => (await reader.fetch(ground.name)).getMap('m').size;
    const size = await kept();
    expect(size).toBeLessThan(SENT);
    // Later words of others do not reach the one who was removed, and their own go nowhere.
    const from = socket.frames.length;
    socket.send(updateFrame(ground.name, forge([{ client: ground.alsoMine, structs: [] }])));
    await call(arena.server, owner, 'POST', `/rooms/${room}/messages`, { text: 'alone at last' });
    await socket.settled();
    expect(socket.frames.slice(from)).toEqual([]);
    expect(await socket.ask(ground.name)).toBe('not-found');
    expect(await socket.ask(boardDoc(board))).toBe('not-found');
    expect(await socket.ask(inboxDoc(me.id))).toBe('authenticated');
  });
});

describe('a role that is lowered', () => {
  arena.attack('[S27] in the middle of a stream counts from the next message on', async ({ people }) => {
    const owner = await arena.newcomer();
    const me = await arena.newcomer();
    const board = await makeBoard(arena.server, owner, 'Ours');
    const room = await makeRoom(arena.server, owner, board, 'Talk');
    const { code } = await call<{ code: string }>(arena.server, owner, 'POST', `/boards/${board}/invitations`, {
      role: 'member',
    });
    await call(arena.server, me, 'POST', `/invitations/${code}/accept`, {});
    const socket = await arena.enter(me);
    const ground = await Ground.explore(socket, volumeDoc(`room/${room}`, 1), people);
    await call(arena.server, owner, 'PUT', `/boards/${board}/members/${me.id}`, { role: 'viewer' });
    expect(await socket.put(ground.name, ground.set('m', ground.slot(), { x: 'one more' }))).toBe('refused:read-only');
    // Asked for again it is there, to be read.
    expect((await socket.fetch(ground.name)).getMap('m').size).toBe(0);
    expect(await socket.put(ground.name, ground.set('m', ground.slot(), { x: 'one more' }))).toBe('refused:read-only');
  });
});

/** What a reader may send besides updates, all of it in vain. */
const FROM_READERS: [name: string, frames: (name: string) => Uint8Array[]][] = [
  ['a stateless message', (name) => [written(name, TYPE.stateless, 'hello')]],
  ['a message to everyone', (name) => [written(name, 6, 'hello')]],
  ['an acknowledgement of its own', (name) => [encoded(name, TYPE.syncStatus, (e) => encoding.writeVarInt(e, 1))]],
  [
    'an answer that says it may write',
    (name) => [
      encoded(name, TYPE.auth, (e) => {
        encoding.writeVarUint(e, AUTH.denied + 1);
        encoding.writeVarString(e, 'read-write');
      }),
    ],
  ],
];

function encoded(name: string, type: number, write: (e: encoding.Encoder) => void): Uint8Array {
  return encoding.encode((e) => {
    encoding.writeVarString(e, name);
    encoding.writeVarUint(e, type);
    write(e);
  });
}

function written(name: string, type: number, words: string): Uint8Array {
  return encoded(name, type, (e) => encoding.writeVarString(e, words));
}

describe('a viewer', () => {
  for (const [name, frames] of FROM_READERS) {
    arena.attack(`[S27] sends ${name}: nobody hears it, and nothing more is allowed`, async ({ people }) => {
      const listener = await arena.enter(people.mia);
      await listener.fetch(hall(people));
      const from = listener.frames.length;
      const vera = await arena.enter(people.vera);
      await vera.fetch(hall(people));
      vera.send(...frames(hall(people)));
      await vera.settled();
      const again = await arena.enter(people.vera);
      const ground = await Ground.explore(again, hall(people), people);
      expect(await again.put(hall(people), ground.set('m', ground.slot(), { x: 'words' }))).toBe('refused:read-only');
      await listener.settled();
      expect(listener.frames.slice(from)).toEqual([]);
    });
  }

  arena.attack('[S7] is refused one document and keeps the others', async ({ people }) => {
    const vera = await arena.enter(people.vera);
    const ground = await Ground.explore(vera, hall(people), people);
    await vera.fetch(boardDoc(people.home.board));
    expect(await vera.put(hall(people), ground.set('m', ground.slot(), { x: 'words' }))).toBe('refused:read-only');
    await vera.read(boardDoc(people.home.board));
  });
});

describe('messages about documents', () => {
  arena.attack('[S33] a farewell for others’ documents closes nothing of theirs', async ({ people }) => {
    const otto = await arena.enter(people.otto);
    for (const name of [hall(people), boardDoc(people.home.board), inboxDoc(people.bea.id)]) {
      otto.send(
        written(name, TYPE.close, 'bye'),
        encoded(name, TYPE.queryAwareness, () => undefined),
      );
    }
    await otto.settled();
    expect(otto.frames).toEqual([]);
  });

  arena.attack(
    '[S33] a farewell and what was queued behind it: the document is closed for its sender only',
    async ({ people }) => {
      const mia = await arena.enter(people.mia);
      const ground = await Ground.explore(mia, hall(people), people);
      mia.send(
        written(ground.name, TYPE.close, ''),
        updateFrame(ground.name, ground.set('m', ground.slot(), { x: 'late' })),
      );
      await mia.settled();
      const reader = await arena.enter(people.mia);
      const mine = [...(await reader.fetch(ground.name)).getMap('m').keys()].filter((key) =>
        key.startsWith(`m/${people.mia.id}/`),
      );
      expect(mine).toEqual([]);
    },
  );

  arena.attack('[S26] one socket with the tokens of two people writes as neither for the other', async ({ people }) => {
    const both = await arena.enter(null);
    arena.own(both, people.mia);
    const task = taskDoc(people.home.task);
    expect(await both.ask(hall(people), people.mia.token)).toBe('authenticated');
    expect(await both.ask(task, people.vera.token)).toBe('authenticated');
    const doc = await both.read(hall(people));
    expect(doc.getMap('m').size).toBeGreaterThan(0);
    const forged = forge([
      {
        client: people.vera.seq * 2 ** 32 + 7,
        structs: [item({ parent: 'm', key: `m/${people.vera.id}/${'a'.repeat(20)}` }, any({ x: 'w' }))],
      },
    ]);
    expect(await both.put(hall(people), forged)).toBe('refused:not-yours');
    const described = forge([{ client: people.mia.seq * 2 ** 32 + 7, structs: [item({ parent: 'desc' }, any('x'))] }]);
    expect(await both.put(task, described)).toMatch(/^refused:/);
  });

  arena.attack('[S26] a second token for an open document changes nothing', async ({ people }) => {
    const vera = await arena.enter(people.vera);
    const ground = await Ground.explore(vera, hall(people), people);
    vera.send(authFrame(ground.name, people.mia.token), authFrame(ground.name, people.olga.token));
    expect(await vera.put(ground.name, ground.set('m', ground.slot(), { x: 'words' }))).toBe('refused:read-only');
  });
});
