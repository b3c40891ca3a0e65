import type { Store } from '../../../server/store/store.ts';
import { boardsIn, invitationsIn, tasksIn } from './boards.ts';
import { Connection, type Steps } from './connection.ts';
import { conversationsIn, messagesIn, notificationsIn } from './conversations.ts';
import type { Data } from './data.ts';
import { groupCallsIn, levelsIn } from './telling.ts';
import { jobsIn } from './jobs.ts';
import { documentsIn } from './log.ts';
import { roomsIn } from './rooms.ts';
import { usersIn } from './people.ts';
import { messageEditsIn } from './message-edits.ts';
import { roomMembersIn } from './room-members.ts';

/**
 * The store without a database: the same answers and failures, by the contract suite that runs on the SQL engines too,
 * with every step in the hands of whoever opened it. Sessions, settings
 * and pushes belong to signing in, which nobody does here.
 */
export function openMemoryStore(data: Data, steps: Steps): Store {
  // What a process that died had begun is undone, as by a database that loses a connection.
  data.end(false);
  const db = new Connection(data, steps);
  return {
    engine: 'embedded',
    documents: documentsIn(db),
    users: usersIn(db),
    sessions: absent('sessions'),
    settings: absent('settings'),
    boards: boardsIn(db),
    invitations: invitationsIn(db),
    rooms: roomsIn(db),
    roomMembers: roomMembersIn(db),
    tasks: tasksIn(db),
    conversations: conversationsIn(db),
    messages: messagesIn(db),
    messageEdits: messageEditsIn(db),
    notifications: notificationsIn(db),
    levels: levelsIn(db),
    groupCalls: groupCallsIn(db),
    push: absent('push'),
    jobs: jobsIn(db),
    maintenance: { vacuum: () => Promise.resolve() },
    ping: () => db.read(undefined, () => undefined),
    transaction: (fn) => db.transaction(fn),
    onFatal: () => undefined,
    close: () => {
      db.close();
      return Promise.resolve();
    },
  };
}

function absent<T extends object>(name: string): T {
  return new Proxy({} as T, {
    get: (_target, method) => {
      throw new Error(`the store in memory has no ${name}.${String(method)}`);
    },
  });
}
