import { DEFAULT_LEVEL, type Level } from '../../../src/lib/model/levels.ts';
import type { Store } from '../../../server/store/store.ts';
import type { Connection } from './connection.ts';

export function levelsIn(db: Connection): Store['levels'] {
  return {
    set: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve();
      return db.write(tx, ({ levels }) => {
        for (const row of rows) {
          const key = `${row.room}/${row.user}`;
          if (row.level === DEFAULT_LEVEL) levels.delete(key);
          else levels.set(key, row);
        }
      });
    },

    inRooms: (rooms, tx) => {
      if (rooms.length === 0) return Promise.resolve(new Map());
      return db.read(tx, ({ levels }) => {
        const found = new Map<string, Map<string, Level>>();
        for (const { room, user, level } of levels.where((row) => rooms.includes(row.room))) {
          const inRoom = found.get(room);
          if (inRoom === undefined) found.set(room, new Map([[user, level]]));
          else inRoom.set(user, level);
        }
        return found;
      });
    },
  };
}

export function groupCallsIn(db: Connection): Store['groupCalls'] {
  return {
    between: (users, after, until, tx) => {
      if (users.length === 0) return Promise.resolve(new Map());
      return db.read(tx, ({ groupCalls }) => {
        const counts = new Map<string, number>();
        for (const call of groupCalls.where((row) => users.includes(row.user) && row.at > after && row.at <= until)) {
          counts.set(call.user, (counts.get(call.user) ?? 0) + 1);
        }
        return counts;
      });
    },

    add: (calls, forget, tx) => {
      if (calls.length === 0) return Promise.resolve();
      return db.write(tx, ({ groupCalls }) => {
        const users = new Set(calls.map(({ user }) => user));
        for (const row of groupCalls.where((one) => users.has(one.user) && one.at <= forget)) {
          groupCalls.delete(row.key);
        }
        for (const { user, at } of calls) {
          const key = String(db.data.nextId());
          groupCalls.insert(key, { key, user, at });
        }
      });
    },
  };
}
