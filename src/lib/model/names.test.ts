import { describe, expect, test } from 'vitest';
import {
  boardDoc,
  conversationOf,
  formatDocName,
  inboxDoc,
  isVolume,
  parseConversation,
  parseDocName,
  taskDoc,
  volumeDoc,
  type DocName,
} from './names.ts';
import { id } from './testing.ts';

const one = id('one');

describe('document names', () => {
  const right: [string, DocName][] = [
    [`board/${one}`, { kind: 'board', id: one }],
    [`room/${one}/1`, { kind: 'room', id: one, volume: 1 }],
    [`room/${one}/0`, { kind: 'room', id: one, volume: 0 }],
    [`room/${one}/999999`, { kind: 'room', id: one, volume: 999_999 }],
    [`task/${one}`, { kind: 'task', id: one }],
    [`task/${one}/12`, { kind: 'thread', id: one, volume: 12 }],
    [`inbox/${one}`, { kind: 'inbox', id: one }],
    [`board/${'a'.repeat(16)}`, { kind: 'board', id: 'a'.repeat(16) }],
    [`board/${'9'.repeat(24)}`, { kind: 'board', id: '9'.repeat(24) }],
  ];
  test.each(right)('[N1][N3] %s', (text, name) => {
    expect(parseDocName(text)).toEqual(name);
    expect(formatDocName(name)).toBe(text);
  });

  const wrong: unknown[] = [
    '',
    '/',
    one,
    'board',
    'board/',
    `board/${one}/`,
    `board/${one}/1`,
    `inbox/${one}/1`,
    `room/${one}`,
    `room/${one}/`,
    `room/${one}/01`,
    `room/${one}/00`,
    `room/${one}/1000000`,
    `room/${one}/-1`,
    `room/${one}/1.5`,
    `room/${one}/1e3`,
    `room/${one}/1/1`,
    `task/${one}/x`,
    `thread/${one}/1`,
    `Board/${one}`,
    `board/${one.toUpperCase()}`,
    `board/${'a'.repeat(15)}`,
    `board/${'a'.repeat(25)}`,
    ` board/${one}`,
    `board/${one}\n`,
    `board/${one}\0`,
    `board/../${one}`,
    `__proto__/${one}`,
    `constructor/${one}`,
    `board/${one}?x`,
    `room/${one}/١`,
    null,
    undefined,
    7,
    [`board/${one}`],
    { toString: () => `board/${one}` },
  ];
  test.each(wrong)('[N2] %j is no name', (value) => {
    expect(parseDocName(value)).toBeNull();
  });

  test('[N3] the builders make names', () => {
    expect(parseDocName(boardDoc(one))).toEqual({ kind: 'board', id: one });
    expect(parseDocName(taskDoc(one))).toEqual({ kind: 'task', id: one });
    expect(parseDocName(inboxDoc(one))).toEqual({ kind: 'inbox', id: one });
    expect(parseDocName(volumeDoc(`room/${one}`, 3))).toEqual({ kind: 'room', id: one, volume: 3 });
    expect(parseDocName(volumeDoc(`task/${one}`, 3))).toEqual({ kind: 'thread', id: one, volume: 3 });
  });
});

describe('conversations', () => {
  test('[N4] rooms and tasks have one', () => {
    expect(parseConversation(`room/${one}`)).toEqual({ kind: 'room', id: one });
    expect(parseConversation(`task/${one}`)).toEqual({ kind: 'task', id: one });
  });

  test.each([`board/${one}`, `room/${one}/1`, `room/`, 'room', '', null, 3])('[N4] %j is none', (value) => {
    expect(parseConversation(value)).toBeNull();
  });

  test('[N4] a document tells which it belongs to', () => {
    const of = (name: string) => {
      const parsed = parseDocName(name);
      return parsed === null ? undefined : conversationOf(parsed);
    };
    expect(of(`room/${one}/2`)).toBe(`room/${one}`);
    expect(of(`task/${one}/2`)).toBe(`task/${one}`);
    expect(of(`task/${one}`)).toBe(`task/${one}`);
    expect(of(`board/${one}`)).toBeNull();
    expect(of(`inbox/${one}`)).toBeNull();
  });

  test('[N1] a volume is a whole number up to 999999', () => {
    expect([0, 1, 999_999].every(isVolume)).toBe(true);
    expect([-1, 1.5, 1_000_000, NaN, Infinity, '1', null].some(isVolume)).toBe(false);
  });
});
