import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { readHeads } from './board-directory.ts';
import { readPrivateRooms, removePrivateRoom, setPrivateHead, setPrivateRoom } from './inbox-rooms.ts';
import { askRoom } from './asks.ts';
import { parseInboxWrite, readInbox } from './inbox.ts';
import { id } from './testing.ts';

const [board, other, den, attic] = [id('board'), id('other'), id('den'), id('attic')];
const [anna, ben] = [id('anna'), id('ben')];
const room = { id: den, name: 'Den', by: anna, at: 2, board, people: [ben, anna] };

describe('private rooms in a home', () => {
  test('[X20] are listed oldest first, with everyone in them, of one board or of all', () => {
    const doc = new Y.Doc();
    setPrivateRoom(doc, room);
    setPrivateRoom(doc, { ...room, id: attic, name: 'Attic', at: 1, board: other, description: 'Up', archived: 5 });
    expect(readPrivateRooms(doc)).toEqual([
      { id: attic, name: 'Attic', by: anna, at: 1, board: other, people: [anna, ben], description: 'Up', archived: 5 },
      { ...room, people: [anna, ben], description: '', archived: null },
    ]);
    expect(readPrivateRooms(doc, board).map((one) => one.id)).toEqual([den]);
  });

  test('[X20] what says nothing new is not written', () => {
    const doc = new Y.Doc();
    let updates = 0;
    setPrivateRoom(doc, room);
    setPrivateHead(doc, `room/${den}`, { volume: 1, seq: 3, at: 9 });
    doc.on('update', () => (updates += 1));
    setPrivateRoom(doc, { ...room, people: [anna, ben] });
    setPrivateHead(doc, `room/${den}`, { volume: 1, seq: 3, at: 9 });
    removePrivateRoom(doc, attic);
    expect(updates).toBe(0);
    setPrivateRoom(doc, { ...room, people: [anna] });
    expect(updates).toBe(1);
    expect(readPrivateRooms(doc)[0]?.people).toEqual([anna]);
  });

  test('[X20] a room goes with how far it has come, and none that is not listed has come anywhere', () => {
    const doc = new Y.Doc();
    setPrivateRoom(doc, room);
    setPrivateHead(doc, `room/${den}`, { volume: 2, seq: 501, at: null });
    setPrivateHead(doc, `room/${attic}`, { volume: 1, seq: 1, at: null });
    setPrivateHead(doc, `task/${den}`, { volume: 1, seq: 1, at: null });
    expect([...readHeads(doc).keys()]).toEqual([`room/${den}`]);
    removePrivateRoom(doc, den);
    expect([readPrivateRooms(doc), readHeads(doc).size]).toEqual([[], 0]);
  });

  test('[X20] whatever stands there, readers pass over what is not right', () => {
    const doc = new Y.Doc();
    const rooms = doc.getMap('rooms');
    const good = { name: 'Den', by: anna, at: 1, board, people: [anna] };
    for (const [key, value] of [
      ['__proto__', good],
      ['nowhere', good],
      [id('a1'), null],
      [id('a2'), { ...good, board: 'nowhere' }],
      [id('a3'), { ...good, people: 'anna' }],
      [id('a4'), { ...good, people: { length: 1 } }],
      [id('a5'), { ...good, name: '' }],
      [id('a6'), { ...good, by: 1 }],
    ] as const) {
      rooms.set(key, value);
    }
    expect(readPrivateRooms(doc)).toEqual([]);
    rooms.set(den, { ...good, people: [anna, 5, 'nobody', null] });
    expect(readPrivateRooms(doc)).toMatchObject([{ people: [anna] }]);
  });

  test('[X7] an ask for a private room says so by 1, and by nothing else', () => {
    const doc = new Y.Doc();
    askRoom(doc, board, 'Den', den, { private: true });
    askRoom(doc, board, 'Open', attic);
    const asks = readInbox(doc).asks.flatMap((ask) => (ask.kind === 'room' ? [[ask.name, ask.private]] : []));
    expect(asks.sort()).toEqual([
      ['Den', true],
      ['Open', false],
    ]);
    for (const value of [0, 2, true, false, null, '1']) {
      expect(parseInboxWrite('ask', `room/${den}`, { board, name: 'Den', private: value })).toBeNull();
    }
    expect(parseInboxWrite('ask', `room/${den}`, { board, name: 'Den', private: 1 })).toMatchObject({
      ask: { private: true },
    });
  });
});
