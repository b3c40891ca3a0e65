import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BoardId } from '../../src/lib/model/ids.ts';
import { mintClientId } from '../../src/lib/model/client-ids.ts';
import { TYPE } from '../../server/sync/frames.ts';
import type { Peer } from './peer.ts';
import { World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;
let eve: Person;
let board: BoardId;
let room: string;

beforeAll(async () => {
  world = await World.open();
  [ada, bob, eve] = await Promise.all([world.person('ada'), world.person('bob'), world.person('eve')]);
  board = await world.board(ada, [bob, [eve, 'viewer']]);
});
afterAll(() => world.close());

/** A room of its own for each test: presence is of a document, and of whoever has it open. */
async function inRoom(...people: Person[]): Promise<Peer[]> {
  room = `room/${await world.room(board, ada)}/1`;
  const peers: Peer[] = [];
  for (const person of people) peers.push(await world.open(person, room));
  return peers;
}

const say = (peer: Peer, word: object): void => peer.sendAwareness([[peer.doc.clientID, { ...word }]]);
/** Who is here, as this device knows it, each client once. */
const seen = (peer: Peer): unknown[] => [...peer.awareness.getStates().values()];
const sees = (peer: Peer, ...states: unknown[]): Promise<void> =>
  peer.until(() => JSON.stringify(seen(peer)) === JSON.stringify(states));

describe('who is here', () => {
  test('[S31] who comes and goes is told; who comes later hears of all at once', async () => {
    const [a, b] = (await inRoom(ada, bob)) as [Peer, Peer];
    say(b, {});
    await sees(a, { user: bob.id });
    const later = await world.open(ada, room);
    await sees(later, { user: bob.id });
    say(b, { left: 1 });
    await sees(a);
    await sees(later);
    say(b, { typing: 1 });
    await sees(a, { user: bob.id, typing: 1 });
    b.drop();
    await sees(a);
  });

  test('[S31] nobody says of another that they are here, or that they left', async () => {
    const [a, b] = (await inRoom(ada, bob)) as [Peer, Peer];
    say(a, {});
    await sees(b, { user: ada.id });
    b.sendAwareness([
      [a.doc.clientID, { left: 1 }],
      [mintClientId(ada.seq, 77), {}],
      [b.doc.clientID, { user: ada.id, left: 0, name: 'Ada' }],
    ]);
    await a.until(() => seen(a).length === 2);
    expect(seen(a)).toEqual([{ user: ada.id }, { user: bob.id }]);
  });

  test('[S31] who may only read is here, and does not type', async () => {
    const [a, e] = (await inRoom(ada, eve)) as [Peer, Peer];
    say(e, { typing: 1 });
    await sees(a, { user: eve.id });
  });

  test('[S54] a sign of life of one who is here is told to nobody; typing is', async () => {
    const [a, b] = (await inRoom(ada, bob)) as [Peer, Peer];
    say(b, {});
    await sees(a, { user: bob.id });
    let told = 0;
    a.awareness.on('update', () => (told += 1));
    for (let i = 0; i < 20; i += 1) say(b, {});
    say(b, { typing: 1 });
    await sees(a, { user: bob.id, typing: 1 });
    expect(told).toBe(1);
  });

  test('[S54] a killed process of a client is gone from the room', async () => {
    const [a] = (await inRoom(ada)) as [Peer];
    const child = fork(new URL('./presence-client.ts', import.meta.url), { stdio: 'inherit' });
    child.send({ url: world.url, person: bob, room });
    await sees(a, { user: bob.id });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await sees(a);
  });

  test('[S54] a socket asks for a sign of life and has it, for a document that it has open only', async () => {
    const [a] = (await inRoom(ada)) as [Peer];
    let answers = 0;
    a.awareness.on('update', () => (answers += 1));
    let frames = 0;
    a.heard = (type) => (frames += Number(type === TYPE.awareness));
    a.send(TYPE.queryAwareness, () => undefined);
    await a.until(() => frames === 1);
    a.send(TYPE.queryAwareness, () => undefined, `room/${'x'.repeat(20)}/1`);
    a.send(TYPE.queryAwareness, () => undefined);
    await a.until(() => frames === 2);
    expect([answers, a.closed]).toEqual([0, null]);
  });

  test('[S54] 500 who come at once are told together: each listener hears a few messages, not 500', async () => {
    const crowd = 500;
    // A person may have a hundred sockets.
    const people = await Promise.all(Array.from({ length: crowd / 50 }, () => world.person()));
    for (const person of people) await world.store.boards.setMember(board, person.id, 'member');
    await world.sync.membershipChanged(board);
    const [a] = (await inRoom(ada)) as [Peer];
    let frames = 0;
    a.heard = (type) => (frames += Number(type === TYPE.awareness));
    const peers: Peer[] = [];
    for (let i = 0; i < crowd; i += 1) peers.push(await world.open(people[i % people.length]!, room));
    const before = process.cpuUsage();
    for (const peer of peers) say(peer, {});
    await a.until(() => seen(a).length === crowd);
    await Promise.all(peers.map((peer) => peer.until(() => seen(peer).length === crowd)));
    const { user, system } = process.cpuUsage(before);
    expect(frames).toBeLessThan(20);
    for (const peer of peers) peer.drop();
    await a.until(() => seen(a).length === 0);
    expect(frames).toBeLessThan(40);
    // Server and clients are one process here, and each of the 500 clients reads of all the others.
    expect((user + system) / 1000).toBeLessThan(20_000);
  });
});
