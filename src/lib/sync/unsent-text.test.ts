import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { addCard, addColumn, renameCard } from '../model/board.ts';
import { adopt } from '../model/client-ids.ts';
import { deleteMessage, editMessage, sendMessage } from '../model/conversation.ts';
import { newId } from '../model/ids.ts';
import { askBoard } from '../model/asks.ts';
import { saveDraft } from '../model/inbox.ts';
import { wishForPerson } from '../model/wish-for-person.ts';
import { wishForRoom } from '../model/wish-for-room.ts';
import { description } from '../model/task.ts';
import { unsentText } from './unsent-text.ts';

const me = newId();

function mine(): Y.Doc {
  const doc = new Y.Doc();
  adopt(doc, 7);
  return doc;
}

describe('unsent text', () => {
  test('[L9] messages and edits beyond what the server confirmed, not what it has nor what was deleted', () => {
    const doc = mine();
    const sent = sendMessage(doc, me, { text: 'sent' });
    const confirmed = Y.encodeStateVector(doc);
    sendMessage(doc, me, { text: 'unsent' });
    const gone = sendMessage(doc, me, { text: 'thought better' });
    deleteMessage(doc, me, gone.split('/')[1]!);
    editMessage(doc, me, sent.split('/')[1]!, 'sent, and edited');
    expect(unsentText(doc, 7, confirmed)).toEqual(['unsent', 'sent, and edited']);
    expect(unsentText(doc, 8, null)).toEqual([]);
  });

  test('[L9] titles, asks and drafts, without ids and places', () => {
    const board = mine();
    const column = addColumn(board, me, 'To do')!;
    const card = addCard(board, me, column, 'Pack')!;
    renameCard(board, card, 'Pack socks');
    expect(unsentText(board, 7, null)).toEqual(['To do', 'Pack socks']);
    const inbox = mine();
    saveDraft(inbox, `room/${newId()}`, 'half a thought');
    askBoard(inbox, 'Launch');
    const room = newId();
    wishForRoom(inbox, room, { field: 'description', value: 'Where we cook' });
    wishForRoom(inbox, room, { field: 'archived', value: true });
    wishForPerson(inbox, room, newId(), true);
    expect(unsentText(inbox, 7, null)).toEqual(['half a thought', 'Launch', 'Where we cook']);
  });

  test('[L9] what was typed into a description', () => {
    const doc = mine();
    const text = new Y.XmlText();
    description(doc).insert(0, [text]);
    text.insert(0, 'kept');
    const confirmed = Y.encodeStateVector(doc);
    text.insert(4, ' and more');
    expect(unsentText(doc, 7, confirmed).join()).toContain('and more');
  });
});
