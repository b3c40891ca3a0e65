import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  bodyAt,
  deleteMessage,
  editMessage,
  isEmoji,
  parseBody,
  parseKey,
  parseLogEntry,
  parseModeration,
  parseReactions,
  parseSlot,
  reactionsOf,
  readVolume,
  sendMessage,
  setReactions,
} from './conversation.ts';
import { HINTS } from './hints.ts';
import { ATTACHMENTS, MESSAGE_TEXT } from './limits.ts';
import { id } from './testing.ts';

const anna = id('anna');
const bob = id('bob');
const mid = id('m1');

describe('keys', () => {
  test('[C1] say whose they are', () => {
    expect(parseKey(`m/${anna}/${mid}`)).toEqual({ kind: 'message', author: anna, mid });
    expect(parseKey(`r/${bob}/${anna}/${mid}`)).toEqual({ kind: 'reaction', by: bob, author: anna, mid });
  });

  test.each([
    '',
    'm',
    `m/${anna}`,
    `m/${anna}/`,
    `m/${anna}/${mid}/`,
    `m/${anna}/${mid}/${mid}`,
    `r/${anna}/${mid}`,
    `r/${bob}/${anna}/${mid}/x`,
    `x/${anna}/${mid}`,
    `M/${anna}/${mid}`,
    `m/ANNA/${mid}`,
    `m/__proto__/${mid}`,
    `m//${anna}/${mid}`,
    '__proto__',
  ])('[C1] %j is nobody’s', (key) => {
    expect(parseKey(key)).toBeNull();
  });

  test('[C1] slots', () => {
    expect(parseSlot(`${anna}/${mid}`)).toEqual({ author: anna, mid });
    for (const odd of ['', anna, `${anna}/`, `${anna}/${mid}/x`, `/${mid}`, null, [anna, mid]]) {
      expect(parseSlot(odd)).toBeNull();
    }
  });
});

/** An object whose prototype is not the plain one: what lib0 makes of a `__proto__` field on the wire. */
function polluted(fields: object, prototype: object): object {
  return Object.setPrototypeOf({ ...fields }, prototype) as object;
}

describe('bodies', () => {
  const plain = { kind: 'message', edited: false, replyTo: null, attachments: [], hint: null };
  test.each([
    [{ x: 'hi' }, { ...plain, text: 'hi' }],
    [
      { x: 'hi', e: 1 },
      { ...plain, text: 'hi', edited: true },
    ],
    [
      { x: 'hi', w: 0 },
      { ...plain, text: 'hi', hint: 0 },
    ],
    [
      { x: 'hi', w: 1_700_000_000_000 },
      { ...plain, text: 'hi', hint: 1_700_000_000_000 },
    ],
    [
      { x: 'hi', re: `${bob}/${mid}` },
      { ...plain, text: 'hi', replyTo: `${bob}/${mid}` },
    ],
    [
      { x: '', att: [id('f1')] },
      { ...plain, text: '', attachments: [id('f1')] },
    ],
    [{ x: 'x'.repeat(MESSAGE_TEXT) }, { ...plain, text: 'x'.repeat(MESSAGE_TEXT) }],
    [{ d: 1 }, { kind: 'tombstone' }],
  ])('[C2] %#: %j', (value, body) => {
    expect(parseBody(value)).toEqual(body);
  });

  const files = (count: number) => Array.from({ length: count }, (_, i) => id(`f${i}x`));
  test.each([
    [undefined],
    [null],
    ['hi'],
    [1],
    [[]],
    [['x', 'hi']],
    [new Uint8Array(3)],
    [new Map([['x', 'hi']])],
    [{}],
    [{ x: 1 }],
    [{ x: null }],
    [{ x: ['hi'] }],
    [{ X: 'hi' }],
    [{ x: 'hi', y: 1 }],
    [{ x: 'hi', d: 1 }],
    [{ d: true }],
    [{ d: 0 }],
    [{ d: 2 }],
    [{ d: 1, e: 1 }],
    [{ x: 'hi', e: true }],
    [{ x: 'hi', e: 0 }],
    [{ x: 'hi', e: undefined }],
    [{ x: 'hi', w: -1 }],
    [{ x: 'hi', w: 1.5 }],
    [{ x: 'hi', w: NaN }],
    [{ x: 'hi', w: 8.64e15 + 2 }],
    [{ x: 'hi', w: 2 ** 53 }],
    [{ x: 'hi', w: '1' }],
    [{ x: 'hi', w: null }],
    [{ x: 'hi', re: anna }],
    [{ x: 'hi', re: `m/${anna}/${mid}` }],
    [{ x: 'hi', re: null }],
    [{ x: 'hi', att: [] }],
    [{ x: 'hi', att: 'f' }],
    [{ x: 'hi', att: [1] }],
    [{ x: 'hi', att: [id('f1'), id('f1')] }],
    [{ x: 'hi', att: files(ATTACHMENTS + 1) }],
    [{ x: 'hi', att: { 0: id('f1'), length: 1 } }],
    [{ x: 'hi', toString: 'x' }],
    [JSON.parse('{"x": "hi", "__proto__": {"e": 1}}')],
    [polluted({ x: 'hi' }, { e: 1 })],
    [polluted({}, { x: 'hi' })],
    [polluted({}, { d: 1 })],
    [Object.assign(Object.create(null) as object, { x: 'hi' })],
    [{ x: 'hi', [Symbol('s')]: 1 }],
  ])('[C2] %#: not %j', (value) => {
    expect(parseBody(value)).toBeNull();
  });

  test.each(['', '   \n', '\u200b\u2066', 'x'.repeat(MESSAGE_TEXT + 1), 'a\0b', 'a\ud83d'])(
    '[C3] not the text %j',
    (x) => {
      expect(parseBody({ x })).toBeNull();
    },
  );

  test('[C3] ten attachments', () => {
    expect(parseBody({ x: '', att: files(ATTACHMENTS) })).not.toBeNull();
  });

  test('[C2] neither a Yjs type nor a BigInt', () => {
    const doc = new Y.Doc();
    doc.getMap('m').set('map', new Y.Map([['x', 'hi']]));
    expect(parseBody(doc.getMap('m').get('map'))).toBeNull();
    expect(parseBody({ x: 'hi', w: 1n })).toBeNull();
  });

  test('[C2] hostile wire: a value with __proto__ that went through Yjs is no body', () => {
    const doc = new Y.Doc();
    doc.getMap('m').set(`m/${anna}/${mid}`, JSON.parse('{"__proto__": {"x": "hi"}, "x": "hi"}'));
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    expect(bodyAt(other, `${anna}/${mid}`)).toBeNull();
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('reactions', () => {
  test.each(['👍', '👋🏽', '❤️', '👩‍👩‍👧‍👦', '🇩🇪', '1️⃣', '#️⃣', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🫩', '☺', '©️'])('[C7] %s is an emoji', (emoji) => {
    expect(isEmoji(emoji)).toBe(true);
  });

  test.each([
    '',
    'a',
    '1',
    '12',
    '+1',
    ':+1:',
    '👍 ',
    'x👍',
    '👍\n',
    '\u200d',
    '\ufe0f',
    '👍'.repeat(17),
    null,
    1,
    ['👍'],
  ])('[C7] %j is none', (value) => {
    expect(isEmoji(value)).toBe(false);
  });

  test.each([
    [[]],
    [['👍', '👍']],
    [['👍', 'a']],
    [['👍', '👎', '❤️', '🎉', '😀', '😢', '🚀', '👀', '🔥']],
    ['👍'],
    [{ 0: '👍', length: 1 }],
    [null],
  ])('[C7] not %j', (value) => {
    expect(parseReactions(value)).toBeNull();
  });

  test('[C7] are set, replaced and taken back under one key', () => {
    const doc = new Y.Doc();
    const slot = sendMessage(doc, anna, { text: 'hi' }, { mid });
    setReactions(doc, bob, slot, ['👍', '❤️', '👍']);
    expect(doc.getMap('m').get(`r/${bob}/${slot}`)).toEqual(['👍', '❤️']);
    setReactions(doc, bob, slot, ['🎉']);
    expect(reactionsOf(doc, bob, slot)).toEqual(['🎉']);
    setReactions(doc, bob, slot, []);
    setReactions(doc, bob, slot, []);
    expect(doc.getMap('m').has(`r/${bob}/${slot}`)).toBe(false);
    expect(reactionsOf(doc, bob, slot)).toEqual([]);
    expect(() => setReactions(doc, bob, slot, ['no'])).toThrow(RangeError);
    expect(() => setReactions(doc, bob, slot, ['👍', '👎', '❤️', '🎉', '😀', '😢', '🚀', '👀', '🔥'])).toThrow(
      RangeError,
    );
  });
});

describe('writing', () => {
  test('[C4] sending writes one plain value under the author’s key', () => {
    const doc = new Y.Doc();
    const slot = sendMessage(
      doc,
      anna,
      { text: 'hi', replyTo: `${bob}/${mid}`, attachments: [id('f1')] },
      { mid, now: 7 },
    );
    expect(slot).toBe(`${anna}/${mid}`);
    expect([...doc.getMap('m').entries()]).toEqual([
      [`m/${anna}/${mid}`, { x: 'hi', re: `${bob}/${mid}`, att: [id('f1')], w: 7 }],
    ]);
    expect(Y.decodeUpdate(Y.encodeStateAsUpdate(doc)).structs).toHaveLength(1);
  });

  test('[C4] every message has its own id and the writer’s time', () => {
    const doc = new Y.Doc();
    const before = Date.now();
    const slots = [sendMessage(doc, anna, { text: 'a' }), sendMessage(doc, anna, { text: 'a' })];
    expect(new Set(slots).size).toBe(2);
    for (const slot of slots) {
      const body = bodyAt(doc, slot);
      expect(body?.kind === 'message' && (body.hint ?? 0) >= before).toBe(true);
    }
  });

  test('[C10] what waits for its place stays as it was written, whatever the clock does', () => {
    const doc = new Y.Doc();
    sendMessage(doc, bob, { text: 'of another clock' }, { now: Date.now() + 9e9 });
    const placed = sendMessage(doc, anna, { text: 'has a place' }, { now: Date.now() + 9e8 });
    doc.getMap('log').set('1', [placed, 1]);
    const first = sendMessage(doc, anna, { text: '0' }, { now: Date.now() + 9e7 });
    const slots = [first];
    for (let i = 1; i < 20; i++) slots.push(sendMessage(doc, anna, { text: `${i}` }));
    const hints = slots.map((slot) => {
      const body = bodyAt(doc, slot);
      return body?.kind === 'message' ? body.hint : null;
    });
    expect(hints).toEqual(slots.map((_slot, i) => (hints[0] ?? 0) + i));
    const waiting = readVolume(doc).messages.filter(({ author, seq }) => author === anna && seq === null);
    expect(waiting.map(({ slot }) => slot)).toEqual(slots);
  });

  test('[C10] what is written before earlier words are read comes after them', () => {
    const read = new Y.Doc();
    const hints: unknown[] = [];
    read.on('afterTransaction', ({ meta }: Y.Transaction) => hints.push(meta.get(HINTS)));
    const ahead = Date.now() + 9e7;
    const earlier = sendMessage(read, anna, { text: 'earlier' }, { now: ahead });
    editMessage(read, anna, earlier.slice(earlier.indexOf('/') + 1), 'Earlier');
    expect(hints).toEqual([ahead, undefined]);

    const opening = new Y.Doc();
    HINTS.set(opening, ahead);
    const later = sendMessage(opening, anna, { text: 'later' });
    Y.applyUpdate(opening, Y.encodeStateAsUpdate(read));
    const waiting = readVolume(opening).messages.filter(({ seq }) => seq === null);
    expect(waiting.map(({ slot }) => slot)).toEqual([earlier, later]);
  });

  test('[C3][T1] what says nothing or too much is not written; what cannot be stored is cleaned', () => {
    const doc = new Y.Doc();
    for (const text of ['', ' \n', '\0', '\u200b', 'x'.repeat(MESSAGE_TEXT + 1)]) {
      expect(() => sendMessage(doc, anna, { text })).toThrow(RangeError);
    }
    expect(() => sendMessage(doc, 'Anna', { text: 'hi' })).toThrow(RangeError);
    expect(() => sendMessage(doc, anna, { text: 'hi' }, { mid: 'x' })).toThrow(RangeError);
    expect(doc.getMap('m').size).toBe(0);
    const slot = sendMessage(doc, anna, { text: 'a\0b\ud83d' });
    expect(bodyAt(doc, slot)).toMatchObject({ text: 'ab\ufffd' });
  });

  test('[C5] an edit keeps all but the words, and is marked', () => {
    const doc = new Y.Doc();
    const slot = sendMessage(
      doc,
      anna,
      { text: 'hi', replyTo: `${bob}/${mid}`, attachments: [id('f1')] },
      { mid, now: 7 },
    );
    expect(editMessage(doc, anna, mid, 'ho')).toBe(true);
    expect(doc.getMap('m').get(`m/${slot}`)).toEqual({ x: 'ho', e: 1, re: `${bob}/${mid}`, att: [id('f1')], w: 7 });
  });

  test('[C5] an edit that changes nothing writes nothing', () => {
    const doc = new Y.Doc();
    sendMessage(doc, anna, { text: 'hi' }, { mid });
    const before = Y.encodeStateAsUpdate(doc);
    expect(editMessage(doc, anna, mid, 'hi')).toBe(false);
    expect(editMessage(doc, bob, mid, 'ho')).toBe(false);
    expect(editMessage(doc, anna, id('m2'), 'ho')).toBe(false);
    expect(Y.encodeStateAsUpdate(doc)).toEqual(before);
    expect(() => editMessage(doc, anna, mid, '')).toThrow(RangeError);
  });

  test('[C6] a deletion is final', () => {
    const doc = new Y.Doc();
    const slot = sendMessage(doc, anna, { text: 'hi' }, { mid });
    expect(deleteMessage(doc, bob, mid)).toBe(false);
    expect(deleteMessage(doc, anna, mid)).toBe(true);
    expect(doc.getMap('m').get(`m/${slot}`)).toEqual({ d: 1 });
    expect(deleteMessage(doc, anna, mid)).toBe(false);
    expect(editMessage(doc, anna, mid, 'again')).toBe(false);
    expect(bodyAt(doc, slot)).toEqual({ kind: 'tombstone' });
  });

  test('[C4] two hundred edits leave one value and little else', () => {
    const doc = new Y.Doc();
    sendMessage(doc, anna, { text: 'x'.repeat(1_000) }, { mid });
    for (let i = 0; i < 200; i++) editMessage(doc, anna, mid, `${i} ${'x'.repeat(1_000)}`);
    expect(Y.encodeStateAsUpdate(doc).length).toBeLessThan(1_500);
  });
});

describe('what the server and moderators write', () => {
  test('[C9] log entries', () => {
    const slot = `${anna}/${mid}`;
    expect(parseLogEntry('12', [slot, 5])).toEqual({ seq: 12, slot, time: 5 });
    for (const [key, value] of [
      ['0', [slot, 5]],
      ['01', [slot, 5]],
      ['-1', [slot, 5]],
      ['1.5', [slot, 5]],
      ['x', [slot, 5]],
      ['9999999999999999', [slot, 5]],
      ['1', [slot]],
      ['1', [slot, 5, 6]],
      ['1', [slot, '5']],
      ['1', [slot, -5]],
      ['1', ['x', 5]],
      ['1', { 0: slot, 1: 5, length: 2 }],
      ['1', null],
    ] as const) {
      expect(parseLogEntry(key, value)).toBeNull();
    }
  });

  test('[C9] removals', () => {
    expect(parseModeration(`${anna}/${mid}`, bob)).toEqual({ slot: `${anna}/${mid}`, by: bob, back: false });
    expect(parseModeration(`${anna}/${mid}`, { back: bob })).toEqual({ slot: `${anna}/${mid}`, by: bob, back: true });
    for (const value of [{ back: 1 }, { back: bob, by: anna }, {}, [bob], Object.create({ back: bob })]) {
      expect(parseModeration(`${anna}/${mid}`, value)).toBeNull();
    }
    expect(parseModeration(`${anna}/${mid}`, 1)).toBeNull();
    expect(parseModeration(`${anna}/${mid}`, 'Bob')).toBeNull();
    expect(parseModeration(anna, bob)).toBeNull();
    expect(parseModeration('__proto__', bob)).toBeNull();
  });
});
