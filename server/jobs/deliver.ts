import { slotOf } from '../../src/lib/model/message-slots.ts';
import { pushNotification, readInbox, withdrawNotification } from '../../src/lib/model/inbox.ts';
import { inboxDoc } from '../../src/lib/model/names.ts';
import type { UserId } from '../../src/lib/model/ids.ts';
import { reached } from '../milestones.ts';
import type { PendingNotification } from '../store/notifications.ts';
import type { NewJob } from '../store/jobs.ts';
import type { Store, Tx } from '../store/store.ts';
import type { Writer } from '../sync/writer.ts';
import type { Handler } from './runner.ts';

const AT_ONCE = 500;

/** The jobs that tell a person elsewhere of what has just come into their inbox. */
export type Tell = (user: UserId, ids: readonly number[], tx: Tx) => Promise<NewJob[]>;

/**
 * Writes notifications into inboxes, and takes withdrawn ones out. That an inbox shows one and that its row says so
 * is stored in one transaction: none is shown twice, none is forgotten.
 */
export function deliver(store: Store, writer: Writer, tell: Tell | null = null): Handler {
  return async () => {
    for (;;) {
      const pending = await store.notifications.pending(AT_ONCE);
      if (pending.size === 0) return;
      const failures: unknown[] = [];
      for (const [user, rows] of pending) {
        await deliverTo(user, rows, store, writer, tell).catch((error: unknown) => failures.push(error));
      }
      // One inbox that cannot be written keeps nobody else waiting.
      if (failures.length > 0) throw failures[0];
    }
  };
}

async function deliverTo(
  user: string,
  rows: readonly PendingNotification[],
  store: Store,
  writer: Writer,
  tell: Tell | null,
): Promise<void> {
  const idsOf = (withdrawn: boolean): number[] =>
    rows.filter((row) => row.withdrawn === withdrawn).map((row) => row.id);
  const fresh: number[] = [];
  reached('deliver:begun');
  await writer.write(
    inboxDoc(user),
    (doc) => {
      const listed = new Set(readInbox(doc).notifications.map((one) => one.id));
      for (const row of rows) {
        if (row.withdrawn) {
          withdrawNotification(doc, row.id);
          continue;
        }
        const { id, kind, ref, board, volume, seq, author, mid, by, at, excerpt, saidAt } = row;
        const slot = slotOf(author, mid);
        const late = at > saidAt;
        if (!listed.has(id)) fresh.push(id);
        pushNotification(doc, {
          id,
          kind,
          conversation: ref,
          board,
          volume,
          seq,
          slot,
          by,
          at,
          excerpt,
          ...(late && { late: 1 }),
        });
      }
    },
    {
      also: async (tx) => {
        await store.notifications.markDelivered(idsOf(false), tx);
        await store.notifications.markReworded(
          rows.filter((row) => !row.withdrawn).map(({ id, kind, excerpt }) => ({ id, kind, excerpt })),
          tx,
        );
        await store.notifications.markWithdrawn(idsOf(true), tx);
        if (tell !== null) await store.jobs.enqueue(await tell(user, fresh, tx), tx);
        reached('deliver:written');
      },
    },
  );
  reached('deliver:stored');
}
