import * as prng from 'lib0/prng';
import * as Y from 'yjs';
import * as board from '../../src/lib/model/board.ts';
import * as conversation from '../../src/lib/model/conversation.ts';
import { askBoard, askRoom } from '../../src/lib/model/asks.ts';
import * as inbox from '../../src/lib/model/inbox.ts';
import * as acts from '../../src/lib/model/inbox-acts.ts';
import { description } from '../../src/lib/model/task.ts';
import type { Hub, Random, Tab } from './gate-world.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const EMOJI = ['👍', '🎉', '❤️', '🇩🇪', '👩‍👩‍👧'];

export function newId(random: Random): string {
  return Array.from({ length: 20 }, () => prng.oneOf(random, [...LETTERS])).join('');
}

function words(random: Random): string {
  return Array.from({ length: prng.uint32(random, 1, 8) }, () => prng.word(random, 1, 9)).join(' ');
}

/** Something that a person does in a tab, by the model's own functions. */
export type Act = (random: Random, tab: Tab) => void;

export const chats: Act = (random, tab) => {
  const { doc, device } = tab;
  const me = device.who.id;
  const { messages } = conversation.readVolume(doc);
  const slots = messages.map(({ slot }) => slot);
  const mine = messages.filter(({ author }) => author === me).map(({ mid }) => mid);
  const slot = slots.length === 0 ? null : prng.oneOf(random, slots);
  const mid = mine.length === 0 ? null : prng.oneOf(random, mine);
  const choice = prng.uint32(random, 0, 19);
  if (choice < 8) {
    const replyTo = prng.bool(random) ? slot : null;
    conversation.sendMessage(doc, me, { text: words(random), replyTo }, { mid: newId(random), now: 1 });
  } else if (choice < 11 && mid !== null) conversation.editMessage(doc, me, mid, words(random));
  else if (choice < 13 && mid !== null) conversation.deleteMessage(doc, me, mid);
  else if (choice < 17 && slot !== null) {
    const emojis = EMOJI.filter(() => prng.uint32(random, 0, 2) === 0);
    conversation.setReactions(doc, me, slot, emojis);
  } else if (choice === 17 && slot !== null && device.who.role === 'owner') {
    if (!conversation.takeRemovalBack(doc, slot, me)) conversation.moderate(doc, slot, me);
  } else undoSomething(random, tab, () => doc.getMap('m'));
};

export const movesCards: Act = (random, tab) => {
  const { doc, device } = tab;
  const me = device.who.id;
  const { columns, archivedCards } = board.readBoard(doc);
  const column = columns.length === 0 ? null : prng.oneOf(random, columns);
  const cards = columns.flatMap((one) => one.cards);
  const card = cards.length === 0 ? null : prng.oneOf(random, cards);
  const archived = archivedCards.length === 0 ? null : prng.oneOf(random, archivedCards);
  const choice = prng.uint32(random, 0, 19);
  if (choice < 1 || column === null) board.addColumn(doc, me, words(random), newId(random));
  else if (choice < 2) board.renameColumn(doc, column.id, words(random));
  else if (choice < 3) board.moveColumn(doc, column.id, prng.bool(random) ? null : prng.oneOf(random, columns).id);
  else if (choice < 4 && columns.length > 3) board.archiveColumn(doc, column.id, 5);
  else if (choice < 8 || card === null) board.addCard(doc, me, column.id, words(random), newId(random));
  else if (choice < 10) board.renameCard(doc, card.id, words(random));
  else if (choice < 15) board.moveCard(doc, card.id, column.id, prng.oneOf(random, cards).id);
  else if (choice < 16) board.archiveCard(doc, card.id, 5);
  else if (choice < 17 && archived !== null) board.restoreCard(doc, archived.id);
  else if (choice < 18) board.assign(doc, card.id, me);
  else if (choice < 19) board.unassign(doc, card.id, prng.oneOf(random, [me, ...card.assignees]));
  else if (device.who.role === 'owner') board.setTitle(doc, words(random));
};

export const tidiesInbox: Act = (random, tab) => {
  const { doc } = tab;
  const { notifications, asks } = inbox.readInbox(doc);
  const one = notifications.length === 0 ? null : prng.oneOf(random, notifications);
  const choice = prng.uint32(random, 0, 12);
  if (choice === 10 && one !== null) acts.markNotifications(doc, [one.id], 'unread');
  else if (choice === 11 && one !== null) acts.placeNotifications(doc, [one.id], { kind: 'done' });
  else if (choice === 12 && one !== null) acts.placeNotifications(doc, [one.id], { kind: 'snoozed', until: 4e12 });
  else if (choice < 2 && one !== null) acts.markRead(doc, one.conversation, one.seq);
  else if (choice < 4 && one !== null) acts.markNotificationRead(doc, one.id);
  else if (choice < 5) acts.markAllRead(doc);
  else if (choice < 7)
    inbox.saveDraft(doc, one?.conversation ?? `room/${newId(random)}`, prng.bool(random) ? words(random) : '');
  else if (choice < 8) askBoard(doc, words(random), newId(random));
  else if (choice < 9) askRoom(doc, newId(random), words(random), newId(random));
  else if (asks[0] !== undefined) inbox.forgetAsk(doc, asks[0].key);
  else inbox.setPref(doc, 'theme', prng.word(random));
};

/** Writes as a rich text editor does: nodes, marks, attributes, pasted and cut. */
export const writesText: Act = (random, tab) => {
  const { doc } = tab;
  const fragment = description(doc);
  const elements: (Y.XmlFragment | Y.XmlElement)[] = [fragment];
  const texts: Y.XmlText[] = [];
  for (const node of fragment.createTreeWalker(() => true)) {
    if (node instanceof Y.XmlText) texts.push(node);
    else if (node instanceof Y.XmlElement) elements.push(node);
  }
  const parent = prng.oneOf(random, elements);
  const text = texts.length === 0 ? null : prng.oneOf(random, texts);
  const choice = prng.uint32(random, 0, 19);
  doc.transact(() => {
    if (choice < 3 || text === null) {
      const paragraph = new Y.XmlElement(prng.oneOf(random, ['paragraph', 'bulletList', 'listItem']));
      paragraph.insert(0, [
        new Y.XmlText(words(random)),
        ...(prng.bool(random) ? [new Y.XmlElement('hardBreak')] : []),
      ]);
      parent.insert(prng.uint32(random, 0, parent.length), [paragraph]);
    } else if (choice < 10) text.insert(prng.uint32(random, 0, text.length), words(random));
    else if (choice < 13 && text.length > 0) {
      const at = prng.uint32(random, 0, text.length - 1);
      text.delete(at, prng.uint32(random, 1, text.length - at));
    } else if (choice < 16 && text.length > 0) {
      const at = prng.uint32(random, 0, text.length - 1);
      const mark = prng.bool(random) ? { bold: {} } : { link: { href: 'https://example.org', target: null } };
      text.format(at, prng.uint32(random, 1, text.length - at), prng.bool(random) ? mark : { bold: null });
    } else if (choice < 17 && parent instanceof Y.XmlElement) {
      parent.setAttribute(prng.oneOf(random, ['level', 'start']), prng.word(random));
    } else if (choice < 19 && parent.length > 0) {
      const at = prng.uint32(random, 0, parent.length - 1);
      parent.delete(at, prng.uint32(random, 1, Math.min(3, parent.length - at)));
    }
  });
  if (choice === 19) undoSomething(random, tab, () => fragment);
};

function undoSomething(random: Random, tab: Tab, scope: () => Y.Map<unknown> | Y.XmlFragment): void {
  if (tab.undo === null) tab.undo = new Y.UndoManager(scope(), { captureTimeout: 0 });
  else if (prng.uint32(random, 0, 2) > 0) tab.undo.undo();
  else tab.undo.redo();
}

/** What the server itself writes into a document of that kind now and then. */
export function serverActs(random: Random, hub: Hub, people: readonly string[]): void {
  const by = prng.oneOf(random, [...people]);
  switch (hub.name.kind) {
    case 'room':
    case 'thread':
      hub.write((doc) => {
        const pending = conversation.readVolume(doc).messages.filter(({ seq }) => seq === null);
        let seq = doc.getMap('log').size;
        for (const { slot } of pending) conversation.appendLog(doc, ++seq, slot, 1_000 + seq);
      });
      break;
    case 'inbox':
      hub.write((doc) => {
        const id = 1 + Math.max(0, ...inbox.readInbox(doc).notifications.map((one) => one.id));
        const conversationRef = `room/${by}` as const;
        inbox.pushNotification(doc, {
          id,
          kind: 'mention',
          conversation: conversationRef,
          board: by,
          volume: 1,
          seq: id,
          slot: `${by}/${by}`,
          by,
          at: 1,
          excerpt: words(random),
        });
        if (id > 2 && prng.bool(random)) inbox.withdrawNotification(doc, id - 2);
        for (const { key } of inbox.readInbox(doc).asks) inbox.answerAsk(doc, key, { ok: 1 });
      });
      break;
    case 'board':
      hub.write((doc) => doc.getMap('people').set(by, { username: prng.word(random), name: 'N', role: 'member' }));
      break;
    case 'task':
      break;
  }
}
