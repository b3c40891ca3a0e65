import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  CONVERSATION_ROOTS,
  editMessage,
  parseSlot,
  readVolume,
  sendMessage,
} from '../../src/lib/model/conversation.ts';
import { mintClientId } from '../../src/lib/model/client-ids.ts';
import { canonical, World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;
let board: string;

beforeAll(async () => {
  world = await World.open();
  ada = await world.person('ada');
  bob = await world.person('bob');
  board = await world.board(ada, [bob]);
});
afterAll(() => world.close());

describe('two people converse', () => {
  test('[S11] everyone sees the same messages in the same order, and so does the log', async () => {
    const name = `room/${await world.room(board, ada)}/1`;
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    for (let i = 0; i < 20; i++) {
      sendMessage(a.doc, ada.id, { text: `a${i}` });
      sendMessage(b.doc, bob.id, { text: `b${i}` });
    }
    await Promise.all([a.saved(), b.saved()]);
    const all = (doc: Y.Doc): boolean => readVolume(doc).messages.filter((m) => m.seq !== null).length === 40;
    await Promise.all([a.until(() => all(a.doc)), b.until(() => all(b.doc))]);
    const stored = canonical(await world.stored(name), CONVERSATION_ROOTS);
    expect(canonical(a.doc, CONVERSATION_ROOTS)).toBe(stored);
    expect(canonical(b.doc, CONVERSATION_ROOTS)).toBe(stored);
    const { messages, first } = readVolume(a.doc);
    expect(messages.map((m) => m.seq)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(first).toBe(1);
    for (const who of [ada.id, bob.id]) {
      const texts = messages.filter((m) => m.author === who).map((m) => (m.body.kind === 'message' ? m.body.text : ''));
      expect(texts.map((text) => Number(text.slice(1)))).toEqual(Array.from({ length: 20 }, (_, i) => i));
    }
  });

  test('[S10] a message arrives together with its place in the log, in one frame', async () => {
    const name = `room/${await world.room(board, ada)}/1`;
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    sendMessage(a.doc, ada.id, { text: 'hello' });
    await b.until(() => readVolume(b.doc).messages.length > 0);
    expect(b.frames).toHaveLength(1);
    expect(readVolume(b.doc).messages[0]?.seq).toBe(1);
  });

  test('[S1] what is acknowledged is in the log at that moment', async () => {
    const name = `room/${await world.room(board, ada)}/1`;
    const a = await world.open(ada, name);
    for (let i = 0; i < 10; i++) {
      const slot = sendMessage(a.doc, ada.id, { text: `m${i}` });
      await a.saved();
      const stored = readVolume(await world.stored(name));
      expect(stored.messages.find((message) => message.slot === slot)?.seq).toBe(i + 1);
    }
  });

  test('[S11] what was written offline keeps its order across reloads of the device', async () => {
    const name = `room/${await world.room(board, ada)}/1`;
    const doc = new Y.Doc();
    const words: string[] = [];
    for (let reload = 0; reload < 8; reload++) {
      doc.clientID = mintClientId(ada.seq);
      // The clock is set back in the middle of the fifth.
      for (let i = 0; i < 3; i++) {
        const text = `${reload}.${i}`;
        sendMessage(doc, ada.id, { text }, { now: 1_000 + reload * 10 + (reload === 4 && i > 0 ? -35 : i) });
        words.push(text);
      }
    }
    const a = await world.open(ada, name, doc);
    await a.saved();
    const { messages } = readVolume(await world.stored(name));
    expect(messages.map((message) => (message.body.kind === 'message' ? message.body.text : ''))).toEqual(words);
  });

  test('[S11] what was edited after a reload, still offline, keeps the place of its first words', async () => {
    const name = `room/${await world.room(board, ada)}/1`;
    const doc = new Y.Doc();
    doc.clientID = mintClientId(ada.seq);
    const slots = ['one', 'two'].map((text, i) => sendMessage(doc, ada.id, { text }, { now: 1_000 + i }));
    doc.clientID = mintClientId(ada.seq);
    slots.push(sendMessage(doc, ada.id, { text: 'three' }, { now: 1_002 }));
    editMessage(doc, ada.id, parseSlot(slots[0])?.mid ?? '', 'first');
    const a = await world.open(ada, name, doc);
    await a.saved();
    const { messages } = readVolume(await world.stored(name));
    expect(messages.map((message) => message.slot)).toEqual(slots);
  });

  test('[S11] a clock that was set back between two reloads offline changes no order', async () => {
    const name = `room/${await world.room(board, ada)}/1`;
    const doc = new Y.Doc();
    doc.clientID = mintClientId(ada.seq);
    const slots = ['one', 'two'].map((text, i) => sendMessage(doc, ada.id, { text }, { now: Date.now() + 9e9 + i }));
    for (const text of ['three', 'four']) {
      doc.clientID = mintClientId(ada.seq);
      slots.push(sendMessage(doc, ada.id, { text }));
    }
    const a = await world.open(ada, name, doc);
    await a.saved();
    const { messages } = readVolume(await world.stored(name));
    expect(messages.map((message) => message.slot)).toEqual(slots);
  });

  test('[S11] an edit of an earlier message, from a device with another clock, holds nothing up', async () => {
    const name = `room/${await world.room(board, ada)}/1`;
    const phone = await world.open(ada, name);
    const slots = [sendMessage(phone.doc, ada.id, { text: 'one' }, { now: 9_000 })];
    await phone.saved();
    // The laptop's clock is years behind. It is reloaded offline.
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(phone.doc));
    doc.clientID = mintClientId(ada.seq);
    editMessage(doc, ada.id, parseSlot(slots[0])?.mid ?? '', 'first');
    slots.push(sendMessage(doc, ada.id, { text: 'two' }, { now: 1_000 }));
    doc.clientID = mintClientId(ada.seq);
    slots.push(sendMessage(doc, ada.id, { text: 'three' }, { now: 1_001 }));
    const laptop = await world.open(ada, name, doc);
    await laptop.saved();
    const { messages } = readVolume(await world.stored(name));
    expect(messages.map((message) => message.slot)).toEqual(slots);
  });
});
