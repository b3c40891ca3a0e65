import { describe, expect } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { boardDoc, inboxDoc, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { TYPE } from '../../server/sync/frames.ts';
import { call, type Person } from '../harness/people.ts';
import { step1Frame, updateFrame } from './attacker.ts';
import { Ground } from './ground.ts';
import { Arena } from './harness.ts';
import type { Population } from './population.ts';

const arena = new Arena();
const WORDS = `whisper${newId()}`;
const NAME = `Den ${newId()}`;

type Den = { maker: Person; room: string; board: string };

/** A private room on `home` with its maker and these people in it, and words in it. */
async function den(people: Population, inside: readonly Person[] = []): Promise<Den> {
  const maker = await arena.newcomer();
  const { board } = people.home;
  const post = (path: string, body: unknown) => call<{ id: string }>(arena.server, maker, 'POST', path, body);
  const { id: room } = await post(`/boards/${board}/rooms`, { name: NAME, private: true });
  await post(`/rooms/${room}/messages`, { text: WORDS });
  for (const { id } of inside) await call(arena.server, maker, 'PUT', `/rooms/${room}/members/${id}`);
  return { maker, room, board };
}

const told = (received: readonly Buffer[], ...words: string[]): string[] =>
  words.filter((word) => received.some((bytes) => bytes.includes(word)));

describe('who is not in a private room', () => {
  for (const who of ['olga', 'mia', 'vera', 'otto'] as const) {
    arena.attack(`[S66] ${who} opens it under no name, at neither door, and is told nothing`, async ({ people }) => {
      const { room } = await den(people);
      const me = people[who];
      const attacker = await arena.enter(me);
      const real = [1, 0, 2, 999_999].map((n) => volumeDoc(`room/${room}`, n));
      const wrong = [`room/${room}`, taskDoc(room), volumeDoc(`task/${room}`, 1), boardDoc(room), inboxDoc(room)];
      const absent = volumeDoc(`room/${newId()}`, 1);
      for (const name of [...real, ...wrong, absent]) expect(await attacker.ask(name), name).toBe('not-found');
      const from = attacker.frames.length;
      attacker.send(step1Frame(real[0] ?? ''), updateFrame(real[0] ?? '', new Uint8Array(2)));
      await attacker.settled();
      expect(attacker.frames).toHaveLength(from);
      for (const name of [real[0], absent]) {
        const plain = arena.connect(me, { path: `/yjs/${name}` });
        expect(await plain.closed()).toEqual({ code: 4404, reason: 'not-found' });
      }
      expect(told(attacker.received, WORDS, NAME)).toEqual([]);
    });
  }

  arena.attack('[S66] the answers of HTTP are those of a room that is not there, to the letter', async ({ people }) => {
    const { room, maker } = await den(people);
    const json = { 'content-type': 'application/json' };
    for (const me of [people.olga, people.mia, people.otto]) {
      for (const [method, path, body] of [
        ['GET', '', undefined],
        ['PATCH', '', { name: 'Mine' }],
        ['DELETE', '', undefined],
        ['GET', '/members', undefined],
        ['PUT', `/members/${me.id}`, undefined],
        ['DELETE', `/members/${maker.id}`, undefined],
        ['GET', '/messages', undefined],
        ['POST', '/messages', { text: 'hello' }],
      ] as const) {
        const init = body === undefined ? {} : { body: JSON.stringify(body), headers: json };
        const [there, absent] = await Promise.all(
          [room, newId()].map((id) => arena.http(me, method, `/api/v1/rooms/${id}${path}`, init)),
        );
        expect([there?.status, there?.text], `${method} ${path}`).toEqual([404, absent?.text]);
      }
      const lists = await Promise.all(
        [`/boards/${people.home.board}/rooms?limit=200`, '/heads', `/heads?of=room/${room}/1`, '/notifications'].map(
          (path) => arena.http(me, 'GET', `/api/v1${path}`),
        ),
      );
      for (const { text } of lists) for (const word of [room, NAME, WORDS]) expect(text).not.toContain(word);
    }
  });

  arena.attack('[S65] the documents of the board say nothing of it', async ({ people }) => {
    const { room, board } = await den(people, [people.carl]);
    const attacker = await arena.enter(people.mia);
    for (const name of [boardDoc(board), inboxDoc(people.mia.id), volumeDoc(`room/${people.home.room}`, 1)]) {
      await attacker.fetch(name);
    }
    await attacker.settled();
    expect(told(attacker.received, room, NAME, WORDS)).toEqual([]);
  });

  arena.attack('[G12] nobody lists a private room in their own inbox, or how far one has come', async ({ people }) => {
    const { room, board } = await den(people);
    const me = await arena.newcomer();
    const listed = { name: NAME, by: me.id, at: 1, board, people: [me.id] };
    for (const [root, key, value] of [
      ['rooms', room, listed],
      ['heads', `room/${room}`, [1, 1]],
    ] as const) {
      const attacker = await arena.enter(me);
      const ground = await Ground.explore(attacker, inboxDoc(me.id), people);
      expect(await attacker.put(ground.name, ground.set(root, key, value))).toBe('refused:not-allowed');
    }
    expect(await (await arena.enter(me)).ask(volumeDoc(`room/${room}`, 1))).toBe('not-found');
  });

  arena.attack('[X7] an ask is private or it is not: nothing else is taken', async ({ people }) => {
    const me = await arena.newcomer();
    for (const value of [true, false, 0, 2, '1', null, {}, [1]]) {
      const attacker = await arena.enter(me);
      const ground = await Ground.explore(attacker, inboxDoc(me.id), people);
      const ask = { board: people.home.board, name: 'Hollow', private: value };
      const answer = await attacker.put(ground.name, ground.set('ask', `room/${newId()}`, ask));
      expect(answer, JSON.stringify(value)).toBe('refused:bad-value');
    }
  });

  arena.attack('[S68] asking for a room of its id does not lead into it', async ({ people }) => {
    const { room, board } = await den(people);
    const me = await arena.newcomer();
    const attacker = await arena.enter(me);
    const ground = await Ground.explore(attacker, inboxDoc(me.id), people);
    const ask = { board, name: 'Mine', private: 1 };
    expect(await attacker.put(ground.name, ground.set('ask', `room/${room}`, ask))).toBe('stored');
    // The answer has come when the inbox says so.
    await expect
      .poll(async () => (await attacker.read(ground.name)).getMap('asked').get(`room/${room}`), { timeout: 30_000 })
      .toEqual({ no: 'taken' });
    expect(await attacker.ask(volumeDoc(`room/${room}`, 1))).toBe('not-found');
    expect(told(attacker.received, NAME, WORDS)).toEqual([]);
  });
});

describe('who is taken out of a private room', () => {
  arena.attack('[S67] hears and writes nothing from then on, whatever waits on the socket', async ({ people }) => {
    const me = await arena.newcomer();
    const { room, maker } = await den(people, [me]);
    const socket = await arena.enter(me);
    const ground = await Ground.explore(socket, volumeDoc(`room/${room}`, 1), people);
    const removal = call(arena.server, maker, 'DELETE', `/rooms/${room}/members/${me.id}`);
    for (let i = 0; i < 300; i++) {
      socket.send(updateFrame(ground.name, ground.set('m', ground.slot(), { x: `number ${i}` })));
      if (i % 20 === 0) await new Promise(setImmediate);
    }
    await removal;
    await socket.next((f) => f.address === ground.name && f.type === TYPE.close);
    await socket.settled();
    const reader = await arena.enter(maker);
    const size = (await reader.fetch(ground.name)).getMap('m').size;
    const later = `later${newId()}`;
    await call(arena.server, maker, 'POST', `/rooms/${room}/messages`, { text: later });
    socket.send(step1Frame(ground.name), updateFrame(ground.name, ground.set('m', ground.slot(), { x: 'still here' })));
    await socket.settled();
    expect(told(socket.received, later)).toEqual([]);
    expect((await (await arena.enter(maker)).fetch(ground.name)).getMap('m').size).toBe(size + 1);
    expect(await (await arena.enter(me)).ask(ground.name)).toBe('not-found');
  });

  arena.attack('[S67] nor by a member who is no maker and no owner', async ({ people }) => {
    const me = await arena.newcomer();
    const { room, maker } = await den(people, [me, people.olga]);
    const out = await arena.http(me, 'DELETE', `/api/v1/rooms/${room}/members/${maker.id}`);
    expect(out.status).toBe(403);
    expect((await arena.http(people.olga, 'DELETE', `/api/v1/rooms/${room}/members/${me.id}`)).status).toBe(204);
    expect((await arena.http(me, 'GET', `/api/v1/rooms/${room}`)).status).toBe(404);
  });
});
