import * as answers from '../../../src/lib/api/answers.ts';
import { notFound } from '../../../src/lib/api/errors.ts';
import { MessageBody, MessagePatch, PageQuery } from '../../../src/lib/api/schemas.ts';
import { deleteMessage, moderate } from '../../../src/lib/model/conversation.ts';
import type { MessageId } from '../../../src/lib/model/ids.ts';
import { slotOf } from '../../../src/lib/model/message-slots.ts';
import { volumeDoc } from '../../../src/lib/model/names.ts';
import type { Act } from '../../../src/lib/model/roles.ts';
import type { MessageRow } from '../../store/messages.ts';
import type { AuthedUser } from '../../sync/types.ts';
import { accepted, requireBoard, requireConversation } from '../access.ts';
import { changeMessage, getMessage, listEdits, listMessages, postMessage, restoreMessage } from '../messages.ts';
import { route, type Services } from '../route.ts';

async function requireMessage(s: Services, who: AuthedUser, id: MessageId, act: Act) {
  const row = await s.store.messages.byMid(id);
  if (!row) throw notFound();
  const { board } = await requireConversation(s, who, row.ref, act);
  return { row, board };
}

async function removeMessage(s: Services, who: AuthedUser, row: MessageRow): Promise<void> {
  const slot = slotOf(row.author, row.mid);
  accepted(
    await s.sync.writeAs(who, volumeDoc(row.ref, row.volume), (doc) => {
      if (row.author === who.id) deleteMessage(doc, who.id, row.mid);
      else moderate(doc, slot, who.id);
    }),
  );
}

export const conversationRoutes = [
  route({
    method: 'GET',
    path: '/rooms/:room/messages',
    summary: 'The messages of a room, newest first.',
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Message),
    async handle({ who, params, query }, s) {
      const ref = `room/${params.room}` as const;
      const { board } = await requireConversation(s, who, ref, 'read');
      return listMessages(s, { ref, board }, query);
    },
  }),

  route({
    method: 'POST',
    path: '/rooms/:room/messages',
    summary: 'Says something in a room. `@username` mentions. The answer comes when the message is stored.',
    access: 'signed-in',
    body: MessageBody,
    answer: answers.Message,
    status: 201,
    async handle({ who, params, body }, s) {
      const ref = `room/${params.room}` as const;
      const { board } = await requireConversation(s, who, ref, 'chat');
      return postMessage(s, who, { ref, board }, body);
    },
  }),

  route({
    method: 'GET',
    path: '/tasks/:task/comments',
    summary: 'The comments on a task, newest first.',
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Message),
    async handle({ who, params, query }, s) {
      const ref = `task/${params.task}` as const;
      const { board } = await requireConversation(s, who, ref, 'read');
      return listMessages(s, { ref, board }, query);
    },
  }),

  route({
    method: 'POST',
    path: '/tasks/:task/comments',
    summary: 'Comments on a task. `@username` mentions. The answer comes when the comment is stored.',
    access: 'signed-in',
    body: MessageBody,
    answer: answers.Message,
    status: 201,
    async handle({ who, params, body }, s) {
      const ref = `task/${params.task}` as const;
      const { board } = await requireConversation(s, who, ref, 'chat');
      return postMessage(s, who, { ref, board }, body);
    },
  }),

  route({
    method: 'GET',
    path: '/messages/:message',
    summary: 'A message or a comment.',
    access: 'signed-in',
    answer: answers.Message,
    async handle({ who, params }, s) {
      const { row, board } = await requireMessage(s, who, params.message, 'read');
      return getMessage(s, row, board);
    },
  }),

  route({
    method: 'GET',
    path: '/messages/:message/edits',
    summary: 'What a message said before it was edited, the oldest first: the newest 50 wordings.',
    access: 'signed-in',
    answer: answers.pageOf(answers.Wording),
    async handle({ who, params }, s) {
      const { row, board } = await requireMessage(s, who, params.message, 'read');
      return listEdits(s, row, board);
    },
  }),

  route({
    method: 'POST',
    path: '/messages/:message/restore',
    summary: 'Takes a removal by an owner back. Only owners may, and only while the words are there: ten seconds.',
    access: 'signed-in',
    answer: answers.Message,
    async handle({ who, params }, s) {
      const { row, board } = await requireMessage(s, who, params.message, 'chat');
      await requireBoard(s, who, board, 'moderate');
      return restoreMessage(s, who, row, board);
    },
  }),

  route({
    method: 'PATCH',
    path: '/messages/:message',
    summary: "Edits one's own message. Notifies only those whom the edit adds.",
    access: 'signed-in',
    body: MessagePatch,
    answer: answers.Message,
    async handle({ who, params, body }, s) {
      const { row, board } = await requireMessage(s, who, params.message, 'chat');
      return changeMessage(s, who, row, board, body.text);
    },
  }),

  route({
    method: 'DELETE',
    path: '/messages/:message',
    summary: "Deletes one's own message; an owner may remove anybody's, visibly.",
    access: 'signed-in',
    async handle({ who, params }, s) {
      const { row, board } = await requireMessage(s, who, params.message, 'chat');
      if (row.author !== who.id) await requireBoard(s, who, board, 'moderate');
      await removeMessage(s, who, row);
    },
  }),
];
