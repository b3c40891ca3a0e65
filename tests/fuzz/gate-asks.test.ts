import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { Overlay } from '../../server/sync/gate/overlay.ts';
import { adopt } from '../../src/lib/model/client-ids.ts';
import { askBoard, askRoom } from '../../src/lib/model/asks.ts';
import { answerAsk, forgetAsk, readInbox, settleWish } from '../../src/lib/model/inbox.ts';
import { ASKS_HERE, ASKS_OPEN } from '../../src/lib/model/limits.ts';
import { wishForPerson } from '../../src/lib/model/wish-for-person.ts';
import { wishForRoom } from '../../src/lib/model/wish-for-room.ts';
import { id } from '../../src/lib/model/testing.ts';
import { CLIENT, INBOX, MALLORY, SEQ, any, answerTo, forge, item, mallory, verdictOn } from './gate-forge.ts';

const who = mallory(null);
const room = id('kitchen');
const nth = (n: number): string => `ask${String(n).padStart(17, '0')}`;

/** Asks for as many boards in one update, under a clientID that has not written yet. */
function boards(from: number, count: number, client: number = CLIENT.fresh): Uint8Array {
  const structs = Array.from({ length: count }, (_, i) =>
    item({ parent: 'ask', key: `board/${nth(from + i)}` }, any({ title: 'Garden' })),
  );
  return forge([{ client, structs }]);
}

function inboxWith(update: Uint8Array): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc;
}

/** What a device of this person sends when it comes back. */
function broughtBy(device: Y.Doc, server: Y.Doc): Uint8Array {
  return Y.encodeStateAsUpdate(device, Y.encodeStateVector(server));
}

function device(from?: Y.Doc): Y.Doc {
  const doc = new Y.Doc();
  if (from !== undefined) Y.applyUpdate(doc, Y.encodeStateAsUpdate(from));
  adopt(doc, SEQ.mallory);
  return doc;
}

describe('asks that wait for an answer', () => {
  it('[G20] a hundred and twenty, not one more, in one update or in many', () => {
    expect(answerTo(boards(0, ASKS_OPEN), { name: INBOX, doc: new Y.Doc(), who })).toBe('accept');
    expect(answerTo(boards(0, ASKS_OPEN + 1), { name: INBOX, doc: new Y.Doc(), who })).toBe('too-many');
    const full = inboxWith(boards(0, ASKS_OPEN));
    expect(answerTo(boards(ASKS_OPEN, 1, CLIENT.other), { name: INBOX, doc: full, who })).toBe('too-many');
    const wish = forge([
      {
        client: CLIENT.other,
        structs: [item({ parent: 'ask', key: `room/${room}/name` }, any({ n: nth(0), value: 'x' }))],
      },
    ]);
    expect(answerTo(wish, { name: INBOX, doc: full, who })).toBe('too-many');
    const person = forge([
      {
        client: CLIENT.other,
        structs: [item({ parent: 'ask', key: `room/${room}/people/${MALLORY}` }, any({ n: nth(0), value: true }))],
      },
    ]);
    expect(answerTo(person, { name: INBOX, doc: full, who })).toBe('too-many');
  });

  it('[G20] [G15] what is on its way into the document counts', () => {
    const doc = inboxWith(boards(0, ASKS_OPEN - 1));
    const overlay = new Overlay();
    const last = verdictOn(boards(500, 1, CLIENT.other), { name: INBOX, doc, overlay, who });
    if (last.kind !== 'accept') throw new Error('not accepted');
    overlay.add(last.structs);
    const more = boards(600, 1, CLIENT.fresh + 7 * 2 ** 20);
    expect(answerTo(more, { name: INBOX, doc, overlay, who })).toBe('too-many');
    overlay.remove(last.structs);
    expect(answerTo(more, { name: INBOX, doc, overlay, who })).toBe('accept');
  });

  it('[G20] an answer from the server makes place, and so does giving up', () => {
    const doc = inboxWith(boards(0, ASKS_OPEN));
    answerAsk(doc, `board/${nth(0)}`, { no: 'taken' });
    expect(answerTo(boards(500, 1, CLIENT.other), { name: INBOX, doc, who })).toBe('accept');
    const mine = device(doc);
    for (let n = 1; n < 4; n++) forgetAsk(mine, `board/${nth(n)}`);
    expect(answerTo(broughtBy(mine, doc), { name: INBOX, doc, who })).toBe('accept');
  });

  it('[G20] whoever waits for too much already may change and give up what waits, and nothing else suffers', () => {
    const doc = inboxWith(boards(0, ASKS_OPEN + 30));
    const mine = device(doc);
    mine.getMap('ask').set(`board/${nth(3)}`, { title: 'Another title' });
    forgetAsk(mine, `board/${nth(4)}`);
    mine.getMap('drafts').set(`room/${room}`, 'half a thought');
    expect(answerTo(broughtBy(mine, doc), { name: INBOX, doc, who })).toBe('accept');
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(mine));
    // In the place of the one that was given up: as many as before, and no more.
    mine.getMap('ask').set(`board/${nth(900)}`, { title: 'New' });
    expect(answerTo(broughtBy(mine, doc), { name: INBOX, doc, who })).toBe('too-many');
  });

  it('[G20] [X21] [G17] a device stops by itself, and two that were apart are taken together', () => {
    const server = new Y.Doc();
    const devices = [device(), device()];
    for (const [at, doc] of devices.entries()) {
      let asked = 0;
      for (let i = 0; i < 2 * ASKS_HERE; i++) {
        const kind = i % 4;
        const done =
          kind === 0
            ? askBoard(doc, 'Plans') !== null
            : kind === 1
              ? askRoom(doc, room, 'Kitchen') !== null
              : kind === 2
                ? wishForRoom(doc, nth(1_000 * at + i), { field: 'name', value: 'x' })
                : wishForPerson(doc, room, nth(1_000 * at + i), true) !== null;
        if (done) asked += 1;
      }
      expect(asked).toBe(ASKS_HERE);
      const update = broughtBy(doc, server);
      expect(answerTo(update, { name: INBOX, doc: server, who })).toBe('accept');
      Y.applyUpdate(server, update);
    }
    expect(readInbox(server).asks).toHaveLength(2 * ASKS_HERE);
    const [one] = devices;
    if (one === undefined) throw new Error('no device');
    // What waits may be wished otherwise.
    const [wish] = readInbox(one).asks.filter((ask) => ask.kind === 'person');
    if (wish === undefined) throw new Error('no wish');
    expect(wishForPerson(one, room, wish.user, false)).toBe(wish.key);
    settleWish(one, { ...wish, n: id('another') }, { ok: 1 });
    expect(askBoard(one, 'One more')).toBe(null);
    const [again] = readInbox(one).asks.filter((ask) => ask.key === wish.key);
    if (again?.kind !== 'person') throw new Error('no wish');
    settleWish(one, again, { no: 'not-allowed' });
    expect(askBoard(one, 'One more')).not.toBe(null);
  });
});
