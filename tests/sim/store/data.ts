import type { Role } from '../../../src/lib/model/roles.ts';
import type { Conversation } from '../../../server/store/conversations.ts';
import type { LoggedUpdate } from '../../../server/store/documents.ts';
import type { Invitation } from '../../../server/store/invitations.ts';
import type { ChosenLevel } from '../../../server/store/levels.ts';
import type { NewWording } from '../../../server/store/message-edits.ts';
import type { MessageRow } from '../../../server/store/messages.ts';
import type { NewNotification } from '../../../server/store/notifications.ts';
import type { Room } from '../../../server/store/rooms.ts';
import type { User } from '../../../server/store/users.ts';
import { Rows, Table } from './tables.ts';

export type BoardRow = { id: string; title: string; by: string; createdAt: number; removedAt: number | null };
export type RoomRow = Room & { removedAt: number | null };
export type Membership = { board: string; user: string; role: Role };
export type DocumentRow = {
  name: string;
  epoch: number;
  head: number;
  snapshot: Uint8Array | null;
  upto: number;
  updates: readonly LoggedUpdate[];
};
export type NotificationRow = NewNotification & {
  id: number;
  withdrawn: boolean;
  delivered: boolean;
  reworded: boolean;
};
export type JobRow = {
  id: number;
  kind: string;
  key: string;
  payload: unknown;
  runAt: number;
  attempts: number;
  leasedUntil: number | null;
};

/** Every table, as one statement sees it. */
export type View = {
  users: Rows<User & { passwordHash: string }>;
  boards: Rows<BoardRow>;
  memberships: Rows<Membership>;
  invitations: Rows<Invitation & { nth: number }>;
  rooms: Rows<RoomRow>;
  roomMembers: Rows<{ room: string; user: string }>;
  /**
   * Who was taken out of a private room, or left it, and the number of the first message that they must not hear: clocks are
   * set in the middle of everything. No table of the product.
   */
  roomExits: Rows<{ room: string; user: string; next: number }>;
  tasks: Rows<{ id: string; board: string }>;
  conversations: Rows<Conversation>;
  messages: Rows<MessageRow>;
  /** Which numbers are given. */
  seqs: Rows<{ slot: string }>;
  messageEdits: Rows<NewWording & { nth: number }>;
  notifications: Rows<NotificationRow>;
  levels: Rows<ChosenLevel>;
  groupCalls: Rows<{ key: string; user: string; at: number }>;
  documents: Rows<DocumentRow>;
  jobs: Rows<JobRow>;
};

/** What is on the disk: outlives every process that had it open. */
export class Data {
  readonly #tables: { [K in keyof View]: Table<View[K] extends Rows<infer V> ? V : never> } = {
    users: new Table(),
    boards: new Table(),
    memberships: new Table(),
    invitations: new Table(),
    rooms: new Table(),
    roomMembers: new Table(),
    roomExits: new Table(),
    tasks: new Table(),
    conversations: new Table(),
    messages: new Table(),
    seqs: new Table(),
    messageEdits: new Table(),
    notifications: new Table(),
    levels: new Table(),
    groupCalls: new Table(),
    documents: new Table(),
    jobs: new Table(),
  };
  /** As everybody sees it. */
  readonly outside = this.#view(false);
  /** As the one open transaction sees it. */
  readonly inside = this.#view(true);
  #ids = 0;

  /** A number that is never given again, whatever is rolled back. */
  nextId(): number {
    this.#ids += 1;
    return this.#ids;
  }

  end(commit: boolean): void {
    for (const table of Object.values(this.#tables)) table.end(commit);
  }

  #view(inside: boolean): View {
    const rows = Object.entries(this.#tables).map(([name, table]) => [name, new Rows(table as Table<unknown>, inside)]);
    return Object.fromEntries(rows) as View;
  }
}
