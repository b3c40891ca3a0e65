import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { markMoved, sendMessage } from '../../src/lib/model/conversation.ts';
import { LOG_ROOT, messageKey, MESSAGES_ROOT, type Slot } from '../../src/lib/model/message-slots.ts';
import { id } from '../../src/lib/model/testing.ts';
import { carriedWords, misplacedWords } from './words.ts';

const anna = id('anna');

/** Two volumes: one message in each, and one that came late into the first and was carried to the second. */
function conversation(): { volumes: Map<number, Y.Doc>; old: Y.Doc; head: Y.Doc; late: Slot } {
  const [old, head] = [new Y.Doc(), new Y.Doc()];
  const place = (doc: Y.Doc, seq: number, slot: Slot): void => void doc.getMap(LOG_ROOT).set(String(seq), [slot, seq]);
  place(old, 1, sendMessage(old, anna, { text: 'first' }));
  place(head, 2, sendMessage(head, anna, { text: 'second' }));
  const late = sendMessage(head, anna, { text: 'late' });
  place(head, 3, late);
  markMoved(old, late, 2);
  const volumes = new Map([
    [1, old],
    [2, head],
  ]);
  return { volumes, old, head, late };
}

describe('what the crash tests demand of words that were carried', () => {
  test('[S14] once, where the message stands, is right', () => {
    const { volumes } = conversation();
    expect(misplacedWords(volumes)).toEqual([]);
    expect(carriedWords(volumes)).toBe(1);
  });

  test('[S14] in both volumes is found', () => {
    const { volumes, old, head, late } = conversation();
    const key = messageKey(late);
    old.getMap(MESSAGES_ROOT).set(key, structuredClone(head.getMap(MESSAGES_ROOT).get(key)));
    expect(misplacedWords(volumes)).toEqual([{ slot: late, log: [2], words: [1, 2] }]);
  });

  test('[S14] in neither is found', () => {
    const { volumes, head, late } = conversation();
    head.getMap(MESSAGES_ROOT).delete(messageKey(late));
    expect(misplacedWords(volumes)).toEqual([{ slot: late, log: [2], words: [] }]);
  });

  test('[S14] only where they came from is found', () => {
    const { volumes, old, head, late } = conversation();
    const key = messageKey(late);
    old.getMap(MESSAGES_ROOT).set(key, structuredClone(head.getMap(MESSAGES_ROOT).get(key)));
    head.getMap(MESSAGES_ROOT).delete(key);
    expect(misplacedWords(volumes)).toEqual([{ slot: late, log: [2], words: [1] }]);
  });

  test('[S11] without a place, or with two, is found', () => {
    const { volumes, old, head, late } = conversation();
    old.getMap(LOG_ROOT).set('4', [late, 4]);
    const lost = sendMessage(head, anna, { text: 'nowhere' });
    const wrong = misplacedWords(volumes);
    expect(wrong).toHaveLength(2);
    expect(wrong).toContainEqual({ slot: late, log: [1, 2], words: [2] });
    expect(wrong).toContainEqual({ slot: lost, log: [], words: [2] });
  });
});
