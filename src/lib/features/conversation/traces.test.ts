import { expect, test } from 'vitest';
import type { Message, Slot } from '$lib/model/conversation.ts';
import { withTrace } from './traces.ts';

function said(mid: string, changes: Partial<Message> & { replyTo?: Slot } = {}): Message {
  const { replyTo = null, ...rest } = changes;
  return {
    slot: `anna/${mid}`,
    author: 'anna',
    mid,
    body: { kind: 'message', text: mid, edited: false, replyTo, attachments: [], hint: null },
    seq: 1,
    time: 1,
    removedBy: null,
    reactions: [],
    ...rest,
  };
}
const deleted = (mid: string): Message => said(mid, { body: { kind: 'tombstone' } });
const removed = (mid: string): Message => said(mid, { body: { kind: 'tombstone' }, removedBy: 'ben' });
const mids = (messages: readonly Message[]): string[] => messages.map(({ mid }) => mid);

test('what its author deleted is gone, what a moderator removed is not', () => {
  const messages = [said('a'), deleted('b'), removed('c')];
  expect(mids(withTrace(messages, () => messages))).toEqual(['a', 'c']);
});

test('where somebody answered it, also outside of what is shown, something is left', () => {
  const messages = [deleted('a'), deleted('b')];
  const around = [...messages, said('z', { replyTo: 'anna/a' })];
  expect(mids(withTrace(messages, () => around))).toEqual(['a']);
});

test('an answer that is deleted itself keeps nothing', () => {
  const messages = [deleted('a'), deleted('b'), said('c')];
  expect(mids(withTrace(messages, () => messages))).toEqual(['c']);
});

test('without deletions nothing is looked up, and the list is the same one', () => {
  const messages = [said('a'), removed('b')];
  const around = (): never => {
    throw new Error('looked up');
  };
  expect(withTrace(messages, around)).toBe(messages);
});
