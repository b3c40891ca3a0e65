import type { Log } from '../log.ts';
import { boardsOf } from './boards.ts';
import { conversationsOf } from './conversations.ts';
import { Database, guarded, type Tx } from './database.ts';
import { documentsOf } from './documents.ts';
import { openEmbedded } from './embedded/embedded.ts';
import { openPostgres, type EngineKind } from './engine.ts';
import { invitationsOf } from './invitations.ts';
import { groupCallsOf } from './group-calls.ts';
import { endLeases, jobsOf } from './jobs.ts';
import { levelsOf } from './levels.ts';
import { maintenanceOf } from './maintenance.ts';
import { messageEditsOf } from './message-edits.ts';
import { messagesOf } from './messages.ts';
import { migrate } from './migrate.ts';
import { notificationsOf } from './notifications.ts';
import { pushOf } from './push.ts';
import { roomMembersOf } from './room-members.ts';
import { roomsOf } from './rooms.ts';
import { sessionsOf } from './sessions.ts';
import { settingsOf } from './settings.ts';
import { tasksOf } from './tasks.ts';
import { usersOf } from './users.ts';

export { StoreRefused, StoreUnavailable, type Tx } from './database.ts';
export type { EngineKind } from './engine.ts';

export interface StoreOptions {
  /** Unset: the embedded database in `dataDir`. */
  databaseUrl?: string | undefined;
  dataDir: string;
  log: Log;
}

/**
 * All SQL of the product. Every function takes an open transaction as its last, optional argument, and rejects with
 * `StoreUnavailable` while the database does not answer. Times are milliseconds since the epoch.
 */
export interface Store {
  readonly engine: EngineKind;
  readonly documents: ReturnType<typeof documentsOf>;
  readonly users: ReturnType<typeof usersOf>;
  readonly sessions: ReturnType<typeof sessionsOf>;
  readonly settings: ReturnType<typeof settingsOf>;
  readonly boards: ReturnType<typeof boardsOf>;
  readonly invitations: ReturnType<typeof invitationsOf>;
  readonly rooms: ReturnType<typeof roomsOf>;
  readonly roomMembers: ReturnType<typeof roomMembersOf>;
  readonly tasks: ReturnType<typeof tasksOf>;
  readonly conversations: ReturnType<typeof conversationsOf>;
  readonly messages: ReturnType<typeof messagesOf>;
  readonly messageEdits: ReturnType<typeof messageEditsOf>;
  readonly notifications: ReturnType<typeof notificationsOf>;
  readonly levels: ReturnType<typeof levelsOf>;
  readonly groupCalls: ReturnType<typeof groupCallsOf>;
  readonly push: ReturnType<typeof pushOf>;
  readonly jobs: ReturnType<typeof jobsOf>;
  readonly maintenance: ReturnType<typeof maintenanceOf>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /**
   * Commits what `fn` did when it resolves, undoes it when it rejects. Everything inside must be given `tx`: a query
   * without it would wait for a connection that the transaction may hold.
   */
  transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** Told once when the database is lost for good, so that the process should end: nothing acknowledged is lost. */
  onFatal(listener: (error: Error) => void): void;
  /** Ends the database's work in order, and frees its directory. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens the database and brings its schema up to date. Rejects with `StoreRefused` when the directory is in use or of
 * another version, when the database is newer than this program, or cannot be reached at all.
 */
export async function openStore({ databaseUrl, dataDir, log: parent }: StoreOptions): Promise<Store> {
  const log = parent.child('store');
  const engine = databaseUrl ? await openPostgres(databaseUrl, log) : await openEmbedded(dataDir, log);
  const db = new Database(engine.pool);
  try {
    await migrate(db.pool);
    // Who holds the directory is alone: what a killed process had begun need not wait for its lease to end.
    if (engine.kind === 'embedded') await endLeases(db);
  } catch (error) {
    await engine.close();
    throw error;
  }
  const root = guarded({
    async ping(): Promise<void> {
      await db.pool`select 1`;
    },
    transaction: <T>(fn: (tx: Tx) => Promise<T>) => db.transaction(fn),
  });
  return {
    engine: engine.kind,
    documents: guarded(documentsOf(db)),
    users: guarded(usersOf(db)),
    sessions: guarded(sessionsOf(db)),
    settings: guarded(settingsOf(db)),
    boards: guarded(boardsOf(db)),
    invitations: guarded(invitationsOf(db)),
    rooms: guarded(roomsOf(db)),
    roomMembers: guarded(roomMembersOf(db)),
    tasks: guarded(tasksOf(db)),
    conversations: guarded(conversationsOf(db)),
    messages: guarded(messagesOf(db)),
    messageEdits: guarded(messageEditsOf(db)),
    notifications: guarded(notificationsOf(db)),
    levels: guarded(levelsOf(db)),
    groupCalls: guarded(groupCallsOf(db)),
    push: guarded(pushOf(db)),
    jobs: guarded(jobsOf(db)),
    maintenance: guarded(maintenanceOf(db, engine.kind)),
    ...root,
    onFatal: (listener) => {
      engine.onLost(listener);
    },
    close: () => engine.close(),
  };
}
