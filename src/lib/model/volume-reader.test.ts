import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  appendLog,
  closeVolume,
  deleteMessage,
  editMessage,
  eraseMessage,
  markMoved,
  moderate,
  movedTo,
  readMessage,
  readVolume,
  sendMessage,
  setFirst,
  setReactions,
  takeRemovalBack,
  volumeReader,
  type Slot,
} from './conversation.ts';
import { Replicas, canonical, contentOf, id, pick, seeded } from './testing.ts';

const anna = id('anna');
const bob = id('bob');
const cleo = id('cleo');

/** A volume in which `say` sends a message and, unless told otherwise, gives it a place at once. */
function conversation() {
  const doc = new Y.Doc();
  let seq = 0;
  return {
    doc,
    say(who: string, text: string, options: { pending?: boolean; now?: number; mid?: string } = {}): Slot {
      const slot = sendMessage(doc, who, { text }, { now: options.now ?? 0, ...(options.mid && { mid: options.mid }) });
      if (options.pending !== true) appendLog(doc, ++seq, slot, 1_000 + seq);
      return slot;
    },
  };
}

const textsOf = (doc: Y.Doc) =>
  readVolume(doc).messages.map(({ body }) => (body.kind === 'message' ? body.text : '(deleted)'));

describe('the order of a volume', () => {
  test('[V1] accepted ones stand by number, as numbers', () => {
    const doc = new Y.Doc();
    for (const seq of [10, 9, 100, 1, 2]) appendLog(doc, seq, sendMessage(doc, anna, { text: `${seq}` }), seq * 10);
    expect(textsOf(doc)).toEqual(['1', '2', '9', '10', '100']);
    expect(readVolume(doc).messages.map(({ seq, time }) => [seq, time])[4]).toEqual([100, 1_000]);
  });

  test('[V2] pending ones follow by their writer’s clock, then by id', () => {
    const { doc, say } = conversation();
    say(anna, 'third', { pending: true, now: 9, mid: id('b') });
    say(bob, 'second', { pending: true, now: 9, mid: id('a') });
    say(anna, 'first', { pending: true, now: 3 });
    say(bob, 'accepted', { now: 99 });
    expect(textsOf(doc)).toEqual(['accepted', 'first', 'second', 'third']);
    expect(readVolume(doc).messages.map(({ seq }) => seq)).toEqual([1, null, null, null]);
  });

  test('[V3] a place without its message, or with an unreadable one, is passed over', () => {
    const { doc, say } = conversation();
    say(anna, 'one');
    appendLog(doc, 5, `${anna}/${id('nothing')}`, 1);
    appendLog(doc, 6, `${anna}/${id('odd')}`, 1);
    doc.getMap('m').set(`m/${anna}/${id('odd')}`, { x: 'hi', admin: true });
    expect(textsOf(doc)).toEqual(['one']);
    expect(readMessage(doc, `${anna}/${id('odd')}`)).toBeNull();
    expect(readMessage(doc, `${anna}/${id('nothing')}`)).toBeNull();
  });

  test('[V4] what was moved away is shown no more, with or without a place', () => {
    const { doc, say } = conversation();
    const moved = say(anna, 'moved', { pending: true });
    const both = say(anna, 'both');
    say(bob, 'stays');
    markMoved(doc, moved, 3);
    markMoved(doc, both, 3);
    expect(textsOf(doc)).toEqual(['stays']);
    expect(readMessage(doc, moved)).toBeNull();
    expect(movedTo(doc, moved)).toBe(3);
    expect(movedTo(doc, `${bob}/${id('m')}`)).toBeNull();
  });

  test('[V5] a slot with two places has the first', () => {
    const { doc, say } = conversation();
    const slot = say(anna, 'one');
    say(bob, 'two');
    appendLog(doc, 3, slot, 9_999);
    expect(textsOf(doc)).toEqual(['one', 'two']);
    expect(readMessage(doc, slot)).toMatchObject({ seq: 1, time: 1_001 });
  });

  test('[V6] a tombstone is shown in its place, and not at all without one', () => {
    const { doc, say } = conversation();
    const [sent, unsent] = [say(anna, 'sent'), say(anna, 'unsent', { pending: true })];
    for (const slot of [sent, unsent]) deleteMessage(doc, anna, slot.split('/')[1] ?? '');
    expect(textsOf(doc)).toEqual(['(deleted)']);
    expect(readMessage(doc, sent)?.body).toEqual({ kind: 'tombstone' });
    expect(readMessage(doc, unsent)).toBeNull();
  });

  test('[V1] where it begins and where it goes on', () => {
    const doc = new Y.Doc();
    expect(readVolume(doc)).toEqual({ messages: [], first: null, next: null });
    setFirst(doc, 501);
    closeVolume(doc, 3);
    expect(readVolume(doc)).toEqual({ messages: [], first: 501, next: 3 });
  });

  test('[V7] the server appends with a document that holds nothing but its entry', () => {
    const { doc, say } = conversation();
    const slots = [say(anna, 'one', { pending: true }), say(bob, 'two', { pending: true })];
    slots.reverse().forEach((slot, i) => {
      const shadow = new Y.Doc();
      appendLog(shadow, i + 1, slot, i);
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(shadow));
    });
    expect(doc.store.pendingStructs).toBeNull();
    expect(textsOf(doc)).toEqual(['two', 'one']);
  });
});

describe('what a message shows', () => {
  test('[C8] removed by a moderator: who, but neither words nor reactions, also after a later edit', () => {
    const { doc, say } = conversation();
    const slot = say(anna, 'rude', { mid: id('m1') });
    setReactions(doc, bob, slot, ['😀']);
    moderate(doc, slot, cleo);
    editMessage(doc, anna, id('m1'), 'ruder');
    expect(readVolume(doc).messages).toEqual([
      {
        slot,
        author: anna,
        mid: id('m1'),
        body: { kind: 'tombstone' },
        seq: 1,
        time: 1_001,
        removedBy: cleo,
        reactions: [],
      },
    ]);
  });

  test('[C11] a removal taken back shows the words again as their author left them, with their reactions', () => {
    const { doc, say } = conversation();
    const slot = say(anna, 'rude', { mid: id('m1') });
    setReactions(doc, bob, slot, ['😀']);
    expect(takeRemovalBack(doc, slot, cleo)).toBe(false);
    moderate(doc, slot, cleo);
    editMessage(doc, anna, id('m1'), 'kind');
    expect(takeRemovalBack(doc, slot, bob)).toBe(true);
    expect(takeRemovalBack(doc, slot, bob)).toBe(false);
    expect(readMessage(doc, slot)).toMatchObject({
      body: { kind: 'message', text: 'kind' },
      removedBy: null,
      reactions: [{ emoji: '😀', by: [bob] }],
    });
    moderate(doc, slot, bob);
    expect(readMessage(doc, slot)).toMatchObject({ body: { kind: 'tombstone' }, removedBy: bob });
  });

  test('[C11] nothing is taken back once the words are gone', () => {
    const { doc, say } = conversation();
    const slot = say(anna, 'rude', { mid: id('m1') });
    moderate(doc, slot, cleo);
    eraseMessage(doc, slot);
    const before = contentOf(doc, 'mod');
    expect(takeRemovalBack(doc, slot, cleo)).toBe(false);
    expect(contentOf(doc, 'mod')).toBe(before);
    expect(readMessage(doc, slot)?.removedBy).toBe(cleo);
  });

  test('[C7] reactions by emoji, people by id, odd ones passed over', () => {
    const { doc, say } = conversation();
    const slot = say(anna, 'hi');
    setReactions(doc, cleo, slot, ['👍', '🎉']);
    setReactions(doc, bob, slot, ['👍']);
    doc.getMap('m').set(`r/${anna}/${slot}`, ['<script>']);
    doc.getMap('m').set(`r/${anna}/${anna}/${id('elsewhere')}`, ['👍']);
    expect(readVolume(doc).messages[0]?.reactions).toEqual([
      { emoji: '🎉', by: [cleo] },
      { emoji: '👍', by: [bob, cleo] },
    ]);
  });

  test('[C9] a document full of odd things shows what is right', () => {
    const { doc, say } = conversation();
    const odd: unknown[] = [
      null,
      1,
      'x',
      [],
      {},
      { x: 1 },
      JSON.parse('{"__proto__": {"x": "hi"}}'),
      new Uint8Array(2),
    ];
    for (const root of ['m', 'log', 'mod', 'meta']) {
      const map = doc.getMap(root);
      odd.forEach((value, i) => {
        map.set(`m/${anna}/${id(`odd${i}x`)}`, value);
        map.set(String(i + 100), value);
        map.set(`moved/${anna}/${id(`odd${i}x`)}`, value);
      });
      for (const key of [
        '__proto__',
        'constructor',
        'first',
        'next',
        '',
        'm/',
        '/',
        'toString',
        `m/${anna}/__proto__`,
      ]) {
        map.set(key, { x: 'hi' });
      }
      map.set('type', new Y.Map([['x', 'hi']]));
      map.set('text', new Y.Text('hi'));
    }
    say(anna, 'right');
    expect(textsOf(doc)).toEqual(['right']);
    expect(readVolume(doc)).toMatchObject({ first: null, next: null });
  });
});

describe('a reader that stays open', () => {
  const open = () => {
    const chat = conversation();
    for (let i = 0; i < 500; i++) chat.say(pick(seeded(i), [anna, bob, cleo]), `message ${i}`, { mid: id(`m${i}x`) });
    const read = volumeReader();
    return { ...chat, read: () => read(chat.doc) };
  };

  test('[V9] nothing changed: the same volume', () => {
    const { read, doc } = open();
    const before = read();
    doc.getMap('m').set('odd', 1);
    expect(read()).toBe(before);
  });

  test('[V9] one appended: one new object, 500 the same', () => {
    const { read, say } = open();
    const before = read();
    say(anna, 'new');
    const after = read();
    expect(after.messages).toHaveLength(501);
    expect(before.messages.every((message, i) => message === after.messages[i])).toBe(true);
  });

  test('[V9] an edit, a reaction, a removal, a place: each makes one', () => {
    const { read, say, doc } = open();
    const pending = say(anna, 'pending', { pending: true, mid: id('pending') });
    const changes: [string, () => void][] = [
      [pending, () => void editMessage(doc, anna, id('pending'), 'edited')],
      [pending, () => setReactions(doc, bob, pending, ['👍'])],
      [pending, () => setReactions(doc, bob, pending, ['🎉'])],
      [pending, () => setReactions(doc, bob, pending, [])],
      [pending, () => appendLog(doc, 900, pending, 5)],
      [pending, () => moderate(doc, pending, bob)],
    ];
    for (const [slot, change] of changes) {
      const before = read();
      change();
      const after = read();
      const fresh = after.messages.filter((message) => !before.messages.includes(message));
      expect(fresh.map((message) => message.slot)).toEqual([slot]);
    }
  });

  test('[V9] it says what a reader that was just opened says', () => {
    const random = seeded(11);
    const { read, doc, say } = open();
    for (let i = 0; i < 300; i++) {
      const { messages } = read();
      const message = pick(random, messages);
      const act = Math.floor(random() * 7);
      if (act === 0) say(pick(random, [anna, bob]), `more ${i}`, { pending: random() < 0.5 });
      else if (act === 1) editMessage(doc, message.author, message.mid, `edit ${i}`);
      else if (act === 2) deleteMessage(doc, message.author, message.mid);
      else if (act === 3)
        setReactions(doc, pick(random, [anna, bob, cleo]), message.slot, [pick(random, ['👍', '🎉'])]);
      else if (act === 4) setReactions(doc, pick(random, [anna, bob, cleo]), message.slot, []);
      else if (act === 5 && message.seq === null) appendLog(doc, 10_000 + i, message.slot, i);
      else if (random() < 0.3) markMoved(doc, message.slot, 2);
      else moderate(doc, message.slot, cleo);
      expect(read()).toEqual(readVolume(doc));
      const again = readMessage(doc, message.slot);
      expect(again).toEqual(read().messages.find(({ slot }) => slot === message.slot) ?? null);
    }
  });
});

describe('convergence', () => {
  test.each([1, 2])('[V8] four people and a server, 3,000 acts, any order of delivery (seed %i)', (seed) => {
    const random = seeded(seed);
    const people = [anna, bob, cleo, id('dan')];
    const net = new Replicas(people.length + 1, random);
    const server = net.docs[people.length] ?? new Y.Doc();
    const sent: { slot: Slot; by: number; mid: string }[] = [];
    const places = new Map<Slot, number>();
    let seq = 0;
    const accept = () => {
      for (const { slot } of readVolume(server).messages) {
        if (places.has(slot)) continue;
        places.set(slot, ++seq);
        appendLog(server, seq, slot, seq);
      }
    };
    for (let i = 0; i < 3_000; i++) {
      const who = Math.floor(random() * people.length);
      const [me, doc] = [people[who] ?? anna, net.docs[who] ?? server];
      const own = sent.filter(({ by }) => by === who);
      const act = random();
      if (act < 0.3 || own.length === 0) {
        const mid = id(`m${i}x`);
        sent.push({
          slot: sendMessage(doc, me, { text: `${i}` }, { mid, now: Math.floor(random() * 100) }),
          by: who,
          mid,
        });
      } else if (act < 0.5) editMessage(doc, me, pick(random, own).mid, `edit ${i}`);
      else if (act < 0.55) deleteMessage(doc, me, pick(random, own).mid);
      else if (act < 0.75)
        setReactions(doc, me, pick(random, sent).slot, random() < 0.3 ? [] : [pick(random, ['👍', '🎉'])]);
      else if (act < 0.77) moderate(doc, pick(random, sent).slot, me);
      else if (act < 0.79) takeRemovalBack(doc, pick(random, sent).slot, me);
      else if (act < 0.9) net.deliver(random() < 0.5 ? 1 : random());
      else accept();
    }
    net.deliverAll();
    accept();
    net.deliverAll();

    const shown = net.docs.map((doc) => canonical(readVolume(doc)));
    expect(new Set(shown).size).toBe(1);
    for (const root of ['m', 'log', 'mod']) expect(new Set(net.docs.map((doc) => contentOf(doc, root))).size).toBe(1);
    const { messages } = readVolume(server);
    expect(messages.every((message, i) => i === 0 || (messages[i - 1]?.seq ?? 0) < (message.seq ?? 0))).toBe(true);
    // Every message is there once, but for those that were taken back before the server saw them.
    expect(messages.map(({ slot }) => slot).sort()).toEqual([...places.keys()].sort());
  });
});
