import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { NOTIFICATION_KINDS } from './inbox-fields.ts';
import { parseInboxWrite, setPref } from './inbox.ts';
import { LEVELS, levelKey, levelOf, parseLevel, setLevel, tells } from './levels.ts';
import { Replicas, id, pick, seeded } from './testing.ts';

const [room, other] = [id('room'), id('other')];

describe('levels', () => {
  test('[A3] what each of them tells', () => {
    const told = Object.fromEntries(
      LEVELS.map((level) => [level, NOTIFICATION_KINDS.filter((kind) => tells(level, kind))]),
    );
    expect(told).toEqual({
      all: ['mention', 'reply', 'group', 'message'],
      mentions: ['mention', 'reply', 'group'],
      direct: ['mention', 'reply'],
      none: [],
    });
  });

  test('[A3] a level is of one room; the usual one leaves nothing behind', () => {
    const doc = new Y.Doc();
    expect(levelOf(doc, room)).toBe('mentions');
    expect(setLevel(doc, room, 'mentions')).toBe(false);
    expect(setLevel(doc, room, 'none')).toBe(true);
    expect(setLevel(doc, room, 'none')).toBe(false);
    expect([levelOf(doc, room), levelOf(doc, other)]).toEqual(['none', 'mentions']);
    expect(setLevel(doc, room, 'mentions')).toBe(true);
    expect(doc.getMap('prefs').size).toBe(0);
    expect(() => setLevel(doc, 'no room', 'all')).toThrow(RangeError);
  });

  test('[A3] what the gate lets through is what is read', () => {
    for (const level of LEVELS) {
      expect(parseInboxWrite('prefs', levelKey(room), level)).not.toBeNull();
      expect(parseLevel(levelKey(room), level)).toEqual({ room, level });
    }
  });

  test.each([
    ['another preference', 'size', 'all'],
    ['no room', 'level.', 'all'],
    ['a room that is none', 'level.toString', 'all'],
    ['another prefix', `levels.${room}`, 'all'],
  ])('[A3] %s is no level', (_about, key, value) => {
    expect(parseLevel(key, value)).toBeNull();
  });

  test.each([['loud'], [1], [true], [undefined], [null], [{ level: 'all' }], ['ALL'], ['__proto__']])(
    '[A3] %s is the usual one',
    (value) => {
      expect(parseLevel(levelKey(room), value)).toEqual({ room, level: 'mentions' });
    },
  );

  test('[A3] whatever stands there, the reader does not throw', () => {
    const doc = new Y.Doc();
    setPref(doc, levelKey(room), 'loudest');
    setPref(doc, levelKey(other), 7);
    expect([levelOf(doc, room), levelOf(doc, other)]).toEqual(['mentions', 'mentions']);
  });

  test.each([1, 2, 3, 4, 5, 6])('[A3] devices that were apart agree on one of what was chosen (seed %i)', (seed) => {
    const random = seeded(seed);
    const replicas = new Replicas(3, random);
    const chosen = new Set<string>(['mentions']);
    for (let i = 0; i < 60; i++) {
      const level = pick(random, LEVELS);
      chosen.add(level);
      setLevel(pick(random, replicas.docs), pick(random, [room, other]), level);
      replicas.deliver(0.3);
    }
    replicas.deliverAll();
    const { docs } = replicas;
    for (const where of [room, other]) {
      const levels = new Set(docs.map((doc) => levelOf(doc, where)));
      expect(levels.size).toBe(1);
      expect(chosen.has([...levels][0] ?? '')).toBe(true);
    }
  });
});
