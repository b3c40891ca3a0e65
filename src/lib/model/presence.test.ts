import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  TYPING_EVERY_MS,
  TYPING_EXPIRE_MS,
  TYPING_IDLE_MS,
  isShown,
  parsePresence,
  says,
  setShown,
  typingText,
} from './presence.ts';
import { id } from './testing.ts';

describe('typing', () => {
  test.each([
    [[], ''],
    [['Anna'], 'Anna is typing…'],
    [['Anna', 'Bob'], 'Anna and Bob are typing…'],
    [['Anna', 'Bob', 'Cleo'], 'Anna, Bob and Cleo are typing…'],
    [['Anna', 'Bob', 'Cleo', 'Dan'], 'Anna, Bob, Cleo and 1 other are typing…'],
    [['Anna', 'Bob', 'Cleo', 'Dan', 'Eve'], 'Anna, Bob, Cleo and 2 others are typing…'],
    [Array.from({ length: 500 }, () => 'Anna'), 'Anna, Anna, Anna and 497 others are typing…'],
    [['נועה', 'Bob'], '\u2068נועה\u2069 and Bob are typing…'],
  ])('[P1] %j', (names, text) => {
    expect(typingText(names)).toBe(text);
  });

  test('[P3] is sent again before others forget it', () => {
    expect([TYPING_EVERY_MS, TYPING_IDLE_MS, TYPING_EXPIRE_MS]).toEqual([3_000, 5_000, 8_000]);
    expect(TYPING_EXPIRE_MS).toBeGreaterThanOrEqual(TYPING_EVERY_MS + TYPING_IDLE_MS);
  });
});

describe('presence', () => {
  test('[P2] a state with a stamped user', () => {
    expect(parsePresence({ user: id('anna') })).toEqual({ user: id('anna'), typing: false });
    expect(parsePresence({ user: id('anna'), typing: 1 })).toEqual({ user: id('anna'), typing: true });
    expect(parsePresence({ user: id('anna'), typing: 'yes' })).toEqual({ user: id('anna'), typing: false });
  });

  test.each([null, undefined, 1, 'x', [], {}, { user: 'anna' }, { user: 1 }, Object.create({ user: id('anna') })])(
    '[P2] %j says nobody',
    (state) => {
      expect(parsePresence(state)).toBeNull();
    },
  );
});

test.each([
  [{}, 'here'],
  [{ typing: 1 }, 'typing'],
  [{ typing: true }, 'here'],
  [{ typing: 1, left: 1 }, 'left'],
  [JSON.parse('{"__proto__": {"left": 1}}'), 'here'],
  [7, 'here'],
  [null, 'here'],
])('[P2] what %j says', (state, word) => {
  expect(says(state)).toBe(word);
  expect(parsePresence({ user: id('anna'), left: 1 })).toBeNull();
});

test('[P4] people are shown until they say no, and again when they say yes; the last word of two devices holds on both', () => {
  const [phone, laptop] = [new Y.Doc(), new Y.Doc()];
  expect(isShown(phone)).toBe(true);
  setShown(phone, false);
  Y.applyUpdate(laptop, Y.encodeStateAsUpdate(phone));
  expect([isShown(phone), isShown(laptop)]).toEqual([false, false]);
  setShown(laptop, true);
  setShown(phone, false);
  Y.applyUpdate(laptop, Y.encodeStateAsUpdate(phone));
  Y.applyUpdate(phone, Y.encodeStateAsUpdate(laptop));
  expect(isShown(phone)).toBe(isShown(laptop));
});
