import { bodyAt, readVolume, removerOf, takeRemovalBack } from '../../src/lib/model/conversation.ts';
import { type Operation, did, may } from './doing.ts';
import { talk } from './operations-conversation.ts';

/** What people do about messages that are there. */
export const MESSAGES: readonly Operation[] = [
  [
    'take a removal back',
    3,
    (doing) =>
      talk(doing, (_head, ref) => {
        const { tab, chance } = doing;
        if (!may(doing, 'moderate')) return false;
        // Offered where the words are still there: the button is gone with them.
        const removed = [...(tab.conversation?.volumes.values() ?? [])].flatMap((open) =>
          readVolume(open.doc)
            .messages.filter(
              ({ slot }) => removerOf(open.doc, slot) !== null && bodyAt(open.doc, slot)?.kind === 'message',
            )
            .map((message) => ({ open, message })),
        );
        const found = chance.pickOr(removed);
        if (found === null) return false;
        const { slot, author, mid } = found.message;
        if (!tab.change(found.open, (doc) => takeRemovalBack(doc, slot, tab.me))) return false;
        return did(doing, found.open, { kind: 'restore', ref, author, mid });
      }),
  ],
];
