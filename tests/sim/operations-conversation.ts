import { readPeople, readRooms } from '../../src/lib/model/board.ts';
import {
  type Message,
  deleteMessage,
  editMessage,
  moderate,
  readVolume,
  sendMessage,
  setReactions,
} from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { mentionToken } from '../../src/lib/model/mentions.ts';
import type { ConversationRef } from '../../src/lib/model/names.ts';
import type { OpenDocument } from '../../src/lib/sync/open-document.svelte.ts';
import type { Tab } from './device.ts';
import { type Doing, type Operation, did, may, say } from './doing.ts';

const EMOJIS = ['👍', '🎉', '❤️', '👀'];

/** What people do in rooms and threads. */
export const CONVERSATION: readonly Operation[] = [
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
];

/** The conversation on the screen, with the role to speak in it. */
export function talk(doing: Doing, work: (head: OpenDocument, ref: ConversationRef) => boolean): boolean {
  const { tab } = doing;
  const head = tab.follow();
  if (head === null || tab.conversation === null || !may(doing, 'chat')) return false;
  if (isArchived(tab, tab.conversation.ref)) return false;
  return work(head, tab.conversation.ref);
}

function isArchived({ board }: Tab, ref: ConversationRef): boolean {
  const rooms = board === null ? [] : readRooms(board.doc);
  return rooms.some((room) => `room/${room.id}` === ref && room.archived !== null);
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
export function shown(
  { tab }: Doing,
  holds: (message: Message) => boolean,
): { open: OpenDocument; message: Message }[] {
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
