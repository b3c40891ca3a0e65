import { readPeople } from '../../src/lib/model/board.ts';
import { editMessage, sendMessage } from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { LEVELS, levelKey, setLevel } from '../../src/lib/model/levels.ts';
import { GROUPS } from '../../src/lib/model/mention-tokens.ts';
import { mentionToken, type Group } from '../../src/lib/model/mentions.ts';
import { type Doing, type Operation, did, say } from './doing.ts';
import { shown, talk } from './operations-conversation.ts';

/** What people do to be heard, and not to hear. */
export const TOLD: readonly Operation[] = [
  [
    'call a group',
    3,
    (doing) =>
      talk(doing, (head, ref) => {
        const words = calling(doing);
        const mid = newId();
        doing.tab.change(head, (doc) => sendMessage(doc, doing.tab.me, { text: words.text }, { mid }));
        return did(doing, head, { kind: 'send', ref, mid, ...words });
      }),
  ],
  [
    'edit to call a group, or not any more',
    2,
    (doing) =>
      talk(doing, (_head, ref) => {
        const found = doing.chance.pickOr(shown(doing, (one) => one.author === doing.tab.me));
        if (found === null) return false;
        const { author, mid } = found.message;
        const words = doing.chance.is(0.7) ? calling(doing) : { text: say(doing.chance), mentions: [] };
        if (!doing.tab.change(found.open, (doc) => editMessage(doc, author, mid, words.text))) return false;
        return did(doing, found.open, { kind: 'edit', ref, author, mid, ...words });
      }),
  ],
  [
    'choose how much to be told of a room',
    2,
    (doing) => {
      const { tab, chance } = doing;
      const [kind, room] = tab.conversation?.ref.split('/') ?? [];
      if (kind !== 'room' || room === undefined) return false;
      const level = chance.pick([...LEVELS]);
      if (!tab.change(tab.client.inbox, (doc) => setLevel(doc, room, level))) return false;
      return did(doing, tab.client.inbox, { kind: 'pref', key: levelKey(room), value: level });
    },
  ],
];

function calling({ tab, chance }: Doing): { text: string; mentions: string[]; groups: Group[] } {
  const groups = [chance.pick([...GROUPS])];
  const other =
    tab.board === null || chance.is(0.6) ? null : chance.pickOr([...readPeople(tab.board.doc).keys()].sort());
  const mentions = other === null ? [] : [other];
  const tokens = [...groups.map((group) => mentionToken({ group })), ...mentions.map((user) => mentionToken({ user }))];
  return { text: `${say(chance)} ${tokens.join(' ')}`, mentions, groups };
}
