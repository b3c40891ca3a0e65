import type { Conversation } from '../../../server/store/conversations.ts';
import type { MessageSlot } from '../../../server/store/messages.ts';
import { cleanText } from '../../../server/store/database.ts';
import type { NotificationKey, PendingNotification } from '../../../server/store/notifications.ts';
import type { Store } from '../../../server/store/store.ts';
import { compare } from './boards.ts';
import type { Connection } from './connection.ts';
import { insideKey } from './keys.ts';
import { mustBeThere } from './tables.ts';

export const slotKey = ({ ref, author, mid }: MessageSlot): string => `${ref}/${author}/${mid}`;
export const toldKey = (row: NotificationKey): string => `${row.user}/${slotKey(row)}`;

export function conversationsIn(db: Connection): Store['conversations'] {
  return {
    get: (ref, tx) => db.read(tx, ({ conversations }) => conversations.get(ref) ?? null),

    lock: (refs, tx) =>
      db.read(tx, ({ conversations }) =>
        [...new Set(refs)].sort().flatMap((ref): Conversation[] => {
          const row = conversations.get(ref);
          return row === undefined ? [] : [row];
        }),
      ),

    advance: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve();
      return db.write(tx, ({ conversations }) => {
        for (const { ref, by } of rows) {
          const row = conversations.get(ref);
          if (row === undefined) continue;
          const { nextSeq, headCount } = row;
          conversations.update(ref, { nextSeq: nextSeq + by, headCount: headCount + by, lastAt: db.steps.now() });
        }
      });
    },

    roll: (ref, fromVolume, tx) =>
      db.write(tx, ({ conversations }) => {
        const row = conversations.get(ref);
        if (row?.head !== fromVolume) return null;
        conversations.update(ref, { head: row.head + 1, headCount: 0 });
        return { volume: row.head + 1, first: row.nextSeq };
      }),

    forBoard: (board, tx) =>
      db.read(tx, ({ conversations, rooms }) =>
        conversations
          .where((row) => {
            const room = rooms.get(row.ref.slice('room/'.length));
            return row.board === board && room?.private !== true && (room?.removedAt ?? null) === null;
          })
          .sort((a, b) => (b.lastAt ?? -Infinity) - (a.lastAt ?? -Infinity) || compare(a.ref, b.ref)),
      ),

    privateFor: (user, tx) =>
      db.read(tx, ({ boards, conversations, rooms, roomMembers }) =>
        roomMembers
          .where((row) => row.user === user && rooms.get(row.room)?.removedAt === null)
          .flatMap(({ room }) => conversations.get(`room/${room}`) ?? [])
          .filter(({ board }) => boards.get(board)?.removedAt === null)
          .sort((a, b) => (b.lastAt ?? -Infinity) - (a.lastAt ?? -Infinity) || compare(a.ref, b.ref)),
      ),

    seenBy: (user, tx) =>
      db.read(tx, ({ boards, conversations, memberships, rooms, roomMembers }) => {
        const of = memberships
          .where((row) => row.user === user && boards.get(row.board)?.removedAt === null)
          .map(({ board }) => board);
        const seen = conversations
          .where(({ board, ref }) => {
            const room = rooms.get(ref.slice('room/'.length));
            return (
              of.includes(board) &&
              (room?.removedAt ?? null) === null &&
              (room?.private !== true || roomMembers.has(insideKey(room.id, user)))
            );
          })
          .sort((a, b) => (b.lastAt ?? -Infinity) - (a.lastAt ?? -Infinity) || compare(a.ref, b.ref));
        return { boards: [...new Set([...seen.map(({ board }) => board), ...of.sort(compare)])], conversations: seen };
      }),
  };
}

export function messagesIn(db: Connection): Store['messages'] {
  return {
    existing: (slots, tx) => {
      if (slots.length === 0) return Promise.resolve([]);
      return db.read(tx, ({ messages }) =>
        [...new Set(slots.map(slotKey))].flatMap((key) => {
          const row = messages.get(key);
          return row === undefined ? [] : [row];
        }),
      );
    },

    insert: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve();
      return db.write(tx, ({ messages, seqs, conversations }) => {
        for (const row of rows) {
          mustBeThere(conversations.has(row.ref));
          messages.insert(slotKey(row), row);
          seqs.insert(`${row.ref}#${row.seq}`, { slot: slotKey(row) });
        }
      });
    },

    authors: (ref, tx) =>
      db.read(tx, ({ messages }) => [...new Set(messages.where((row) => row.ref === ref).map(({ author }) => author))]),

    get: (ref, author, mid, tx) => db.read(tx, ({ messages }) => messages.get(slotKey({ ref, author, mid })) ?? null),

    byMid: (mid, tx) =>
      db.read(tx, ({ messages }) => {
        const rows = messages.where((row) => row.mid === mid);
        rows.sort((a, b) => a.at - b.at || compare(a.ref, b.ref) || compare(a.author, b.author));
        return rows[0] ?? null;
      }),

    setVolume: (slot, volume, tx) =>
      db.write(tx, ({ messages }) => {
        messages.update(slotKey(slot), { volume });
      }),
  };
}

export function notificationsIn(db: Connection): Store['notifications'] {
  const delivered = (ids: readonly number[], value: boolean, tx?: Parameters<typeof db.write>[0]): Promise<void> => {
    if (ids.length === 0) return Promise.resolve();
    return db.write(tx, ({ notifications }) => {
      for (const row of notifications.where(({ id }) => ids.includes(id))) {
        notifications.set(toldKey(row), { ...row, delivered: value });
      }
    });
  };
  return {
    add: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve();
      return db.write(tx, ({ notifications, messages, rooms, roomMembers }) => {
        for (const row of rows) {
          const room = row.ref.startsWith('room/') ? row.ref.slice('room/'.length) : '';
          if (rooms.get(room)?.private === true && !roomMembers.has(`${room}/${row.user}`)) continue;
          mustBeThere(messages.has(slotKey(row)));
          const excerpt = cleanText(row.excerpt);
          const known = notifications.get(toldKey(row));
          if (known === undefined) {
            const fresh = { id: db.data.nextId(), withdrawn: false, delivered: false, reworded: false };
            notifications.set(toldKey(row), { ...row, excerpt, ...fresh });
          } else if (known.withdrawn || known.kind !== row.kind) {
            const { kind } = row;
            notifications.set(toldKey(row), { ...known, kind, withdrawn: false, excerpt, reworded: true });
          }
        }
      });
    },

    withdraw: (keys, tx) => {
      if (keys.length === 0) return Promise.resolve();
      return db.write(tx, ({ notifications }) => {
        for (const key of keys) {
          const known = notifications.get(toldKey(key));
          if (known?.withdrawn === false) {
            notifications.set(toldKey(key), { ...known, withdrawn: true, reworded: false, excerpt: '' });
          }
        }
      });
    },

    withdrawMessages: (slots, tx) => {
      if (slots.length === 0) return Promise.resolve();
      const keys = new Set(slots.map(slotKey));
      return db.write(tx, ({ notifications }) => {
        for (const row of notifications.where((one) => !one.withdrawn && keys.has(slotKey(one)))) {
          notifications.set(toldKey(row), { ...row, withdrawn: true, reworded: false, excerpt: '' });
        }
      });
    },

    withdrawFromOthers: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve();
      const keep = new Map(rows.map((row) => [slotKey(row), row.keep]));
      return db.write(tx, ({ notifications }) => {
        for (const row of notifications.where((one) => !one.withdrawn && keep.has(slotKey(one)))) {
          const stands = row.kind === 'message' || row.kind === 'quiet' || keep.get(slotKey(row))?.includes(row.user);
          if (!stands) notifications.set(toldKey(row), { ...row, withdrawn: true, reworded: false, excerpt: '' });
        }
      });
    },

    withdrawConversation: (ref, tx) =>
      db.write(tx, ({ notifications }) => {
        for (const row of notifications.where((one) => one.ref === ref && !one.withdrawn)) {
          notifications.set(toldKey(row), { ...row, withdrawn: true, reworded: false, excerpt: '' });
        }
        return notifications.where((one) => one.ref === ref && one.delivered).length;
      }),

    withdrawBoard: (board, tx) =>
      db.write(tx, ({ notifications }) => {
        for (const row of notifications.where((one) => one.board === board && !one.withdrawn)) {
          notifications.set(toldKey(row), { ...row, withdrawn: true, reworded: false, excerpt: '' });
        }
        return notifications.where((one) => one.board === board && one.delivered).length;
      }),

    reword: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve();
      const words = new Map(rows.map((row) => [slotKey(row), cleanText(row.excerpt)]));
      return db.write(tx, ({ notifications, memberships, rooms, roomMembers }) => {
        for (const row of notifications.where((one) => !one.withdrawn && words.has(slotKey(one)))) {
          const excerpt = words.get(slotKey(row)) ?? '';
          const room = row.ref.startsWith('room/') ? row.ref.slice('room/'.length) : '';
          const isOut = rooms.get(room)?.private === true && !roomMembers.has(`${room}/${row.user}`);
          if (row.excerpt === excerpt || isOut || !memberships.has(`${row.board}/${row.user}`)) continue;
          notifications.set(toldKey(row), { ...row, excerpt, reworded: true });
        }
      });
    },

    setKinds: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve();
      return db.write(tx, ({ notifications }) => {
        for (const row of rows) {
          const known = notifications.get(toldKey(row));
          if (known === undefined || known.withdrawn || known.kind === row.kind) continue;
          notifications.set(toldKey(row), { ...known, kind: row.kind, reworded: true });
        }
      });
    },

    pending: (limit, tx) =>
      db.read(tx, ({ notifications, messages }) => {
        const rows = notifications
          .where((row) => row.delivered === row.withdrawn || row.reworded)
          .sort((a, b) => a.id - b.id)
          .slice(0, limit);
        const byUser = new Map<string, PendingNotification[]>();
        for (const { delivered: _delivered, reworded: _reworded, ...row } of rows) {
          const place = messages.get(slotKey(row));
          if (place === undefined) continue;
          const pending = { ...row, volume: place.volume, seq: place.seq, saidAt: place.at };
          const list = byUser.get(row.user);
          if (list === undefined) byUser.set(row.user, [pending]);
          else list.push(pending);
        }
        return byUser;
      }),

    markDelivered: (ids, tx) => delivered(ids, true, tx),
    markReworded: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve();
      return db.write(tx, ({ notifications }) => {
        for (const { id, kind, excerpt } of rows) {
          for (const row of notifications.where((one) => one.id === id && !one.withdrawn)) {
            const reworded = row.kind !== kind || row.excerpt !== excerpt;
            if (row.reworded !== reworded) notifications.set(toldKey(row), { ...row, reworded });
          }
        }
      });
    },
    markWithdrawn: (ids, tx) => delivered(ids, false, tx),
  };
}
