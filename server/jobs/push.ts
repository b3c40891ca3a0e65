import { readBoard, readPeople, readRooms } from '../../src/lib/model/board.ts';
import { isId } from '../../src/lib/model/ids.ts';
import { readPrivateRooms } from '../../src/lib/model/inbox-rooms.ts';
import { readInbox, type Item } from '../../src/lib/model/inbox.ts';
import { decodeMentions } from '../../src/lib/model/mentions.ts';
import { boardDoc, inboxDoc } from '../../src/lib/model/names.ts';
import { DEEDS } from '../../src/lib/model/notification-words.ts';
import { isCount, isPlainObject } from '../../src/lib/model/plain.ts';
import type { Log } from '../log.ts';
import { LONGEST_PAUSE_MS, type PushSender } from '../push/sender.ts';
import { LONGEST_WAIT_MS, type NewJob } from '../store/jobs.ts';
import type { Store, Tx } from '../store/store.ts';
import type { Writer } from '../sync/writer.ts';
import type { Handler } from './runner.ts';

/** Whoever has the message before them reads it meanwhile, and is not told. */
export const PUSH_AFTER_MS = 4_000;
const FIRST_RETRY_MS = 5_000;
const TRIES = 6;

/** The jobs that tell a person's browsers of what has just come into their inbox; call it in that transaction. */
export async function pushJobs(store: Store, user: string, ids: readonly number[], tx: Tx): Promise<NewJob[]> {
  if (ids.length === 0) return [];
  const subscriptions = await store.push.ofUser(user, Date.now(), tx);
  return subscriptions.flatMap((to) => ids.map((id) => pushJob(user, id, to.id, 1, PUSH_AFTER_MS)));
}

function pushJob(user: string, id: number, to: string, nth: number, afterMs: number): NewJob {
  return putOff({ user, id, to, nth, due: Date.now() + afterMs });
}

/** Due then; asked once on the way where that is longer than a job may wait. */
function putOff(payload: { user: string; id: number; to: string; nth: number; due: number }): NewJob {
  const runAt = Math.min(payload.due, Date.now() + LONGEST_WAIT_MS);
  return { kind: 'push', key: `${payload.to}/${payload.id}`, payload, runAt };
}

/**
 * Tells one browser of one notification, unless it has been read, is put away or is gone by now. A push service that is
 * busy is asked again, when it says, a few times; a subscription that it does not know any more is dropped. After a crash
 * it may be told twice, which its tag makes one.
 */
export function push(store: Store, writer: Writer, sender: PushSender, log: Log): Handler {
  return async ({ payload }) => {
    if (!isPlainObject(payload)) return;
    const { user, id, to, nth, due } = payload;
    if (!isId(user) || !isCount(id) || !isId(to) || !isCount(nth)) return;
    const left = isCount(due) ? due - Date.now() : 0;
    // What seems to be further off was counted by a clock that has been set back since.
    if (isCount(due) && left > 0 && left <= LONGEST_PAUSE_MS) {
      return store.jobs.enqueue([putOff({ user, id, to, nth, due })]);
    }
    const subscription = (await store.push.ofUser(user, Date.now())).find((one) => one.id === to);
    if (subscription === undefined) return;
    const told = await writer.read(inboxDoc(user), (doc) => {
      const item = readInbox(doc).notifications.find((one) => one.id === id && one.unread);
      // Only the inbox knows what a private room is called.
      const room = readPrivateRooms(doc).find((one) => `room/${one.id}` === item?.conversation);
      return item === undefined ? null : { item, room: room?.name };
    });
    if (told === null) return;
    const sent = await sender.send(subscription, JSON.stringify(await shown(told, writer)));
    switch (sent.kind) {
      case 'taken':
        return;
      case 'gone':
        return store.push.forget(to);
      case 'refused':
        log.warn('a push was refused', { subscription: to, why: sent.why });
        return;
      case 'later': {
        if (nth >= TRIES) return log.warn('a push was given up', { subscription: to, why: sent.why });
        const wait = Math.max(sent.afterMs ?? 0, FIRST_RETRY_MS * 2 ** (nth - 1));
        await store.jobs.enqueue([pushJob(user, id, to, nth + 1, wait)]);
      }
    }
  };
}

/** What the browser shows, without asking anybody: nothing else could show it without a page. */
async function shown(
  { item, room }: { item: Item; room: string | undefined },
  writer: Writer,
): Promise<Record<string, unknown>> {
  const { id, board, conversation, volume, slot, by, kind, excerpt } = item;
  const { people, place } = await writer.read(boardDoc(board), (doc) => {
    const [what, of] = conversation.split('/');
    const cards = readBoard(doc).columns.flatMap((column) => column.cards);
    const place =
      what === 'room'
        ? (room ?? readRooms(doc).find((one) => one.id === of)?.name)
        : cards.find((one) => one.id === of)?.title;
    return { people: readPeople(doc), place };
  });
  const name = people.get(by)?.name ?? 'Somebody';
  return {
    id,
    title: `${name} ${DEEDS[kind]}${place === undefined ? '' : ` in ${place}`}`,
    body: decodeMentions(excerpt, people),
    board,
    conversation,
    volume,
    message: slot.slice(slot.indexOf('/') + 1),
  };
}
