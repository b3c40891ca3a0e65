import * as Y from 'yjs';
import {
  addCard,
  addColumn,
  archiveCard,
  archiveColumn,
  assign,
  moveCard,
  moveColumn,
  readBoard,
  readPeople,
  readRooms,
  renameCard,
  renameColumn,
  restoreCard,
  restoreColumn,
  setTitle,
  unassign,
} from '../../src/lib/model/board.ts';
import {
  deleteMessage,
  editMessage,
  moderate,
  readVolume,
  sendMessage,
  setReactions,
  type Message,
} from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import {
  askBoard,
  askRoom,
  markAllRead,
  markNotificationRead,
  markRead,
  readInbox,
  readMarks,
  saveDraft,
  setPref,
} from '../../src/lib/model/inbox.ts';
import { mentionToken } from '../../src/lib/model/mentions.ts';
import { conversationOf, parseDocName, taskDoc, type ConversationRef } from '../../src/lib/model/names.ts';
import { can, type Act as Deed } from '../../src/lib/model/roles.ts';
import { description } from '../../src/lib/model/task.ts';
import type { OpenDocument } from '../../src/lib/sync/open-document.svelte.ts';
import type { Chance } from './chance.ts';
import type { Tab } from './device.ts';
import type { Act, History } from './history.ts';

/** What an operation is given. It acts on what the tab shows, as a person does, and answers false when there is nothing. */
export type Doing = { tab: Tab; chance: Chance; history: History };
type Operation = (doing: Doing) => boolean;

const EMOJIS = ['👍', '🎉', '❤️', '👀'];
let words = 0;

/** Words that nobody else writes. */
function say(chance: Chance): string {
  words += 1;
  return `w${words}-${Math.floor(chance.next() * 1e6).toString(36)}`;
}

export function resetWords(): void {
  words = 0;
}

function did({ tab, history }: Doing, open: OpenDocument, act: Act): true {
  history.add(tab, open.name, boardOf(tab, open), act);
  return true;
}

function boardOf(tab: Tab, open: OpenDocument): string | null {
  if (open.parsed.kind === 'inbox') return null;
  return open.parsed.kind === 'board' ? open.parsed.id : (tab.board?.parsed.id ?? null);
}

function may({ tab }: Doing, deed: Deed): boolean {
  return can(tab.role, deed);
}

/** The conversation on the screen, with the role to speak in it. */
function talk(doing: Doing, work: (head: OpenDocument, ref: ConversationRef) => boolean): boolean {
  const { tab } = doing;
  const head = tab.follow();
  if (head === null || tab.conversation === null || !may(doing, 'chat')) return false;
  return work(head, tab.conversation.ref);
}

function texts({ tab, chance }: Doing): { text: string; mentions: string[] } {
  const text = say(chance);
  if (tab.board === null || !chance.is(0.35)) return { text, mentions: [] };
  const others = [...readPeople(tab.board.doc).keys()].sort();
  const mentions = [...new Set(Array.from({ length: chance.int(1, 2) }, () => chance.pickOr(others)))];
  const named = mentions.filter((id) => id !== null);
  return { text: `${text} ${named.map((user) => mentionToken({ user })).join(' ')}`, mentions: named };
}

/** Messages on the screen, each with the volume that it stands in. */
function shown({ tab }: Doing, holds: (message: Message) => boolean): { open: OpenDocument; message: Message }[] {
  return [...(tab.conversation?.volumes.values() ?? [])].flatMap((open) =>
    readVolume(open.doc)
      .messages.filter((message) => message.body.kind === 'message' && holds(message))
      .map((message) => ({ open, message })),
  );
}

function onMessage(
  doing: Doing,
  holds: (message: Message) => boolean,
  work: (open: OpenDocument, message: Message, ref: ConversationRef) => boolean,
): boolean {
  return talk(doing, (_head, ref) => {
    const found = doing.chance.pickOr(shown(doing, holds));
    return found !== null && work(found.open, found.message, ref);
  });
}

function onBoard(doing: Doing, deed: Deed, work: (open: OpenDocument, board: string) => boolean): boolean {
  const { board } = doing.tab;
  return board !== null && may(doing, deed) && work(board, board.parsed.id);
}

function cardsOf(doc: Y.Doc): string[] {
  return readBoard(doc).columns.flatMap((column) => column.cards.map((card) => card.id));
}

/** Everything that a person can do, and how often they do it. What comes new to the product gets a line here. */
export const OPERATIONS: readonly (readonly [name: string, weight: number, run: Operation])[] = [
  [
    'look at a board',
    4,
    (doing) => {
      const board = doing.chance.pickOr(readInbox(doing.tab.client.inbox.doc).boards);
      if (board === null) return false;
      doing.tab.lookAtBoard(board.id);
      return true;
    },
  ],
  [
    'look at a room',
    6,
    ({ tab, chance }) => {
      const room = tab.board === null ? null : chance.pickOr(readRooms(tab.board.doc));
      if (room === null) return false;
      tab.lookAt(`room/${room.id}`);
      return true;
    },
  ],
  [
    'look at a task',
    4,
    ({ tab, chance }) => {
      const card = tab.board === null ? null : chance.pickOr(cardsOf(tab.board.doc));
      if (card === null) return false;
      tab.lookAtTask(taskDoc(card));
      tab.lookAt(`task/${card}`);
      return true;
    },
  ],
  [
    'send',
    30,
    (doing) =>
      talk(doing, (head, ref) => {
        const { text, mentions } = texts(doing);
        const mid = newId();
        const replyTo = doing.chance.is(0.15)
          ? (doing.chance.pickOr(shown(doing, () => true))?.message.slot ?? null)
          : null;
        doing.tab.change(head, (doc) => sendMessage(doc, doing.tab.me, { text, replyTo }, { mid }));
        return did(doing, head, { kind: 'send', ref, mid, text, mentions });
      }),
  ],
  [
    'edit',
    10,
    (doing) =>
      onMessage(
        doing,
        (one) => one.author === doing.tab.me,
        (open, message, ref) => {
          const { text, mentions } = texts(doing);
          const { author, mid } = message;
          if (!doing.tab.change(open, (doc) => editMessage(doc, author, mid, text))) return false;
          return did(doing, open, { kind: 'edit', ref, author, mid, text, mentions });
        },
      ),
  ],
  [
    'delete',
    4,
    (doing) =>
      onMessage(
        doing,
        (one) => one.author === doing.tab.me,
        (open, { author, mid }, ref) => {
          if (!doing.tab.change(open, (doc) => deleteMessage(doc, author, mid))) return false;
          return did(doing, open, { kind: 'delete', ref, author, mid });
        },
      ),
  ],
  [
    'remove as moderator',
    2,
    (doing) => {
      if (!may(doing, 'moderate')) return false;
      return onMessage(
        doing,
        (one) => one.author !== doing.tab.me,
        (open, { slot, author, mid }, ref) => {
          doing.tab.change(open, (doc) => moderate(doc, slot, doing.tab.me));
          return did(doing, open, { kind: 'moderate', ref, author, mid });
        },
      );
    },
  ],
  [
    'react',
    6,
    (doing) =>
      onMessage(
        doing,
        () => true,
        (open, { slot, author, mid }, ref) => {
          const emojis = doing.chance.is(0.25) ? [] : [doing.chance.pick(EMOJIS)];
          doing.tab.change(open, (doc) => setReactions(doc, doing.tab.me, slot, emojis));
          return did(doing, open, { kind: 'react', ref, author, mid, emojis });
        },
      ),
  ],
  [
    'add a column',
    1,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const title = say(doing.chance);
        const id = doing.tab.change(open, (doc) => addColumn(doc, doing.tab.me, title));
        return id !== null && did(doing, open, { kind: 'column', board, id, title });
      }),
  ],
  [
    'rename a column',
    1,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const column = doing.chance.pickOr(readBoard(open.doc).columns);
        if (column === null) return false;
        doing.tab.change(open, (doc) => renameColumn(doc, column.id, say(doing.chance)));
        return did(doing, open, { kind: 'board', board, what: `rename column ${column.id}` });
      }),
  ],
  [
    'move a column',
    1,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const { columns } = readBoard(open.doc);
        const column = doing.chance.pickOr(columns);
        if (column === null) return false;
        const after = doing.chance.is(0.3) ? null : doing.chance.pick(columns).id;
        if (!doing.tab.change(open, (doc) => moveColumn(doc, column.id, after))) return false;
        return did(doing, open, { kind: 'board', board, what: `move column ${column.id}` });
      }),
  ],
  [
    'archive a column, or bring one back',
    1,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const { columns, archivedColumns } = readBoard(open.doc);
        const back = doing.chance.is(0.6) ? doing.chance.pickOr(archivedColumns) : null;
        if (back !== null) doing.tab.change(open, (doc) => restoreColumn(doc, back.id));
        else if (columns.length > 1) doing.tab.change(open, (doc) => archiveColumn(doc, doing.chance.pick(columns).id));
        else return false;
        return did(doing, open, { kind: 'board', board, what: 'archive a column' });
      }),
  ],
  [
    'add a card',
    5,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const { columns } = readBoard(open.doc);
        const column = doing.chance.pickOr(columns);
        const cards = columns.reduce((sum, { cards: { length } }) => sum + length, 0);
        if (column === null || cards > 12) return false;
        const title = say(doing.chance);
        const id = doing.tab.change(open, (doc) => addCard(doc, doing.tab.me, column.id, title));
        return id !== null && did(doing, open, { kind: 'card', board, id, title });
      }),
  ],
  [
    'rename a card',
    4,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const id = doing.chance.pickOr(cardsOf(open.doc));
        const title = say(doing.chance);
        if (id === null || !doing.tab.change(open, (doc) => renameCard(doc, id, title))) return false;
        return did(doing, open, { kind: 'card-title', board, id, title });
      }),
  ],
  [
    'move a card',
    8,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const { columns } = readBoard(open.doc);
        const id = doing.chance.pickOr(cardsOf(open.doc));
        const column = doing.chance.pickOr(columns);
        if (id === null || column === null) return false;
        const before = doing.chance.pickOr(column.cards)?.id ?? null;
        if (!doing.tab.change(open, (doc) => moveCard(doc, id, column.id, before))) return false;
        return did(doing, open, { kind: 'board', board, what: `move card ${id}` });
      }),
  ],
  [
    'archive a card, or bring one back',
    3,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const back = doing.chance.is(0.5) ? doing.chance.pickOr(readBoard(open.doc).archivedCards) : null;
        const id = back?.id ?? doing.chance.pickOr(cardsOf(open.doc));
        if (id === null) return false;
        const done = doing.tab.change(open, (doc) => (back === null ? archiveCard(doc, id) : restoreCard(doc, id)));
        return done && did(doing, open, { kind: 'archive', board, id, on: back === null });
      }),
  ],
  [
    'assign a card, or take it back',
    4,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const id = doing.chance.pickOr(cardsOf(open.doc));
        const who = doing.chance.pickOr([...readPeople(open.doc).keys()].sort());
        if (id === null || who === null) return false;
        const on = doing.tab.change(open, (doc) => assign(doc, id, who));
        if (!on && !doing.tab.change(open, (doc) => unassign(doc, id, who))) return false;
        return did(doing, open, { kind: 'assign', board, id, who, on });
      }),
  ],
  [
    'rename the board',
    1,
    (doing) =>
      onBoard(doing, 'renameBoard', (open, board) => {
        if (!doing.tab.change(open, (doc) => setTitle(doc, say(doing.chance)))) return false;
        return did(doing, open, { kind: 'board', board, what: 'title' });
      }),
  ],
  [
    'write in a description',
    5,
    (doing) => {
      const open = doing.tab.task;
      if (open === null || !may(doing, 'editCards')) return false;
      const token = `‹${say(doing.chance)}›`;
      doing.tab.change(open, (doc) => writeToken(doc, token, doing.chance));
      return did(doing, open, { kind: 'write', task: open.parsed.id, token });
    },
  ],
  [
    'erase in a description',
    2,
    (doing) => {
      const open = doing.tab.task;
      if (open === null || !may(doing, 'editCards')) return false;
      const token = doing.tab.change(open, (doc) => eraseToken(doc, doing.chance));
      return token !== null && did(doing, open, { kind: 'erase', task: open.parsed.id, token });
    },
  ],
  [
    'read a conversation',
    5,
    (doing) => {
      const { tab } = doing;
      const last = shown(doing, (one) => one.seq !== null).at(-1);
      if (last === undefined || tab.conversation === null) return false;
      const { ref } = tab.conversation;
      const seq = last.message.seq ?? 0;
      const { inbox } = tab.client;
      if (readMarks(inbox.doc)(ref) >= seq || !tab.change(inbox, (doc) => markRead(doc, ref, seq))) return false;
      return did(doing, inbox, { kind: 'read', ref, seq });
    },
  ],
  [
    'read a notification',
    3,
    (doing) => {
      const { inbox } = doing.tab.client;
      const one = doing.chance.pickOr(readInbox(inbox.doc).notifications);
      if (one === null || !doing.tab.change(inbox, (doc) => markNotificationRead(doc, one.id))) return false;
      return did(doing, inbox, { kind: 'read-one', id: one.id });
    },
  ],
  [
    'read all notifications',
    1,
    (doing) => {
      const { inbox } = doing.tab.client;
      const upTo = readInbox(inbox.doc).notifications[0]?.id ?? 0;
      return doing.tab.change(inbox, markAllRead) && did(doing, inbox, { kind: 'read-all', upTo });
    },
  ],
  [
    'type a draft',
    3,
    (doing) => {
      const { tab } = doing;
      if (tab.conversation === null) return false;
      const { ref } = tab.conversation;
      const text = doing.chance.is(0.4) ? '' : say(doing.chance);
      tab.change(tab.client.inbox, (doc) => saveDraft(doc, ref, text));
      return did(doing, tab.client.inbox, { kind: 'draft', ref, text });
    },
  ],
  [
    'set a preference',
    1,
    (doing) => {
      const value = doing.chance.int(0, 9);
      doing.tab.change(doing.tab.client.inbox, (doc) => setPref(doc, 'size', value));
      return did(doing, doing.tab.client.inbox, { kind: 'pref', key: 'size', value });
    },
  ],
  [
    'ask for a board',
    1,
    (doing) => {
      const { inbox } = doing.tab.client;
      if (readInbox(inbox.doc).boards.length > 3) return false;
      const title = say(doing.chance);
      const id = doing.tab.change(inbox, (doc) => askBoard(doc, title));
      if (id === null) return false;
      did(doing, inbox, { kind: 'ask-board', id, title });
      if (doing.chance.is(0.7)) doing.tab.lookAtBoard(id);
      return true;
    },
  ],
  [
    'ask for a room',
    1,
    (doing) => {
      const { inbox } = doing.tab.client;
      const { board } = doing.tab;
      if (board === null || (!may(doing, 'createRoom') && !isPending(doing.tab))) return false;
      if (readRooms(board.doc).length > 5) return false;
      const name = doing.chance.is(0.3) ? 'lobby' : say(doing.chance);
      const id = doing.tab.change(inbox, (doc) => askRoom(doc, board.parsed.id, name));
      if (id === null) return false;
      did(doing, inbox, { kind: 'ask-room', board: board.parsed.id, id, name });
      if (doing.chance.is(0.7)) doing.tab.lookAt(`room/${id}`);
      return true;
    },
  ],
];

/** The board was asked for here and is not made yet: whoever asked owns it. */
function isPending(tab: Tab): boolean {
  const id = tab.board?.parsed.id;
  return readInbox(tab.client.inbox.doc).boards.some((board) => board.id === id && board.pending);
}

function paragraphs(doc: Y.Doc): Y.XmlText[] {
  const blocks: unknown[] = description(doc).toArray();
  const children: unknown[] = blocks.flatMap((block) => (block instanceof Y.XmlElement ? block.toArray() : []));
  return children.filter((child): child is Y.XmlText => child instanceof Y.XmlText);
}

function wordsOf(text: Y.XmlText): string {
  const delta = text.toDelta() as { insert: string }[];
  return delta.map(({ insert }) => insert).join('');
}

function writeToken(doc: Y.Doc, token: string, chance: Chance): void {
  const text = chance.is(0.7) ? chance.pickOr(paragraphs(doc)) : null;
  if (text !== null) {
    const ends = [...wordsOf(text).matchAll(/›/g)].map((end) => end.index + 1);
    text.insert(chance.pick([0, ...ends]), token);
    return;
  }
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(token)]);
  const root = description(doc);
  root.insert(chance.int(0, root.length), [paragraph]);
}

function eraseToken(doc: Y.Doc, chance: Chance): string | null {
  const text = chance.pickOr(paragraphs(doc));

  const match = text === null ? null : /‹[^‹›]*›/.exec(wordsOf(text));
  if (text === null || match === null) return null;
  text.delete(match.index, match[0].length);
  return match[0];
}

/** The conversation that a volume's name belongs to. */
export function refOf(doc: string): ConversationRef | null {
  const at = parseDocName(doc);
  return at === null ? null : conversationOf(at);
}
