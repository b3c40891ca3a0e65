import { readRooms } from '../../src/lib/model/board.ts';
import { askBoard, askRoom } from '../../src/lib/model/asks.ts';
import { readInbox, readMarks, saveDraft, setPref } from '../../src/lib/model/inbox.ts';
import { markAllRead, markNotificationRead, markRead } from '../../src/lib/model/inbox-acts.ts';
import type { Tab } from './device.ts';
import { type Operation, did, may, say } from './doing.ts';
import { shown } from './operations-conversation.ts';

/** What people do in their own document. */
export const INBOX: readonly Operation[] = [
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
