import { expect, test } from 'vitest';
import type { Message } from '$lib/model/conversation.ts';
import { rowLayout, type Row } from './rows.ts';

const NOON = new Date(2026, 4, 4, 12).getTime();
const MINUTE = 60_000;

/** A logged message `minutes` after noon. */
function said(seq: number, author: string, minutes: number, changes: Partial<Message> = {}): Message {
  return {
    slot: `${author}/m${seq}`,
    author,
    mid: `m${seq}`,
    body: { kind: 'message', text: `words ${seq}`, edited: false, replyTo: null, attachments: [], hint: null },
    seq,
    time: NOON + minutes * MINUTE,
    removedBy: null,
    reactions: [],
    ...changes,
  };
}

const shape = (rows: readonly Row[]): string[] =>
  rows.map((row) => (row.kind === 'message' ? `${row.lead ? '+' : '-'}${row.message.mid}` : row.kind));

test('messages of one person within five minutes stand under one name', () => {
  const rows = rowLayout()([said(1, 'anna', 0), said(2, 'anna', 4), said(3, 'ben', 5), said(4, 'ben', 11)], null, 'me');
  expect(shape(rows)).toEqual(['day', '+m1', '-m2', '+m3', '+m4']);
});

test('a new day breaks the list, and a group', () => {
  const rows = rowLayout()([said(1, 'anna', 11 * 60 + 59), said(2, 'anna', 12 * 60 + 1)], null, 'me');
  expect(shape(rows)).toEqual(['day', '+m1', 'day', '+m2']);
});

test('a pending message with a clock that is behind gets a day of its own, with a key of its own', () => {
  const late = said(3, 'me', -24 * 60, { seq: null, time: null });
  late.body = {
    kind: 'message',
    text: 'x',
    edited: false,
    replyTo: null,
    attachments: [],
    hint: NOON - 24 * 60 * MINUTE,
  };
  const rows = rowLayout()([said(1, 'anna', -24 * 60), said(2, 'anna', 0), late], null, 'me');
  expect(shape(rows)).toEqual(['day', '+m1', 'day', '+m2', 'day', '+m3']);
  expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
});

test('a tombstone groups with nothing', () => {
  const gone = said(2, 'anna', 1, { body: { kind: 'tombstone' } });
  expect(shape(rowLayout()([said(1, 'anna', 0), gone, said(3, 'anna', 2)], null, 'me'))).toEqual([
    'day',
    '+m1',
    '+m2',
    '+m3',
  ]);
});

test('the divider stands before the first unread message of others, and breaks a group', () => {
  const messages = [said(1, 'anna', 0), said(2, 'anna', 1), said(3, 'me', 2), said(4, 'anna', 3), said(5, 'anna', 4)];
  expect(shape(rowLayout()(messages, 2, 'me'))).toEqual(['day', '+m1', '-m2', '+m3', 'divider', '+m4', '-m5']);
  expect(shape(rowLayout()(messages, 1, 'me'))).toEqual(['day', '+m1', 'divider', '+m2', '+m3', '+m4', '-m5']);
  expect(shape(rowLayout()(messages, 5, 'me'))).not.toContain('divider');
});

test('with unread messages above the window there is no divider in it', () => {
  expect(shape(rowLayout()([said(8, 'anna', 0), said(9, 'anna', 1)], 3, 'me'))).not.toContain('divider');
});

test('appending a message makes one row; all others are the same objects', () => {
  const lay = rowLayout();
  const messages = Array.from({ length: 300 }, (_, index) => said(index + 1, 'anna', index));
  const before = lay(messages, 10, 'me');
  const after = lay([...messages, said(301, 'anna', 301)], 10, 'me');
  expect(after.slice(0, -1).every((row, index) => row === before[index])).toBe(true);
});

test('an edit renews the row of that message only', () => {
  const lay = rowLayout();
  const messages = [said(1, 'anna', 0), said(2, 'anna', 1), said(3, 'anna', 2)];
  const before = lay(messages, null, 'me');
  const after = lay([messages[0]!, { ...messages[1]! }, messages[2]!], null, 'me');
  expect(after.map((row, index) => row === before[index])).toEqual([true, true, false, true]);
});
