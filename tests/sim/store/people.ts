import { newId } from '../../../src/lib/model/ids.ts';
import { cleanText } from '../../../server/store/database.ts';
import type { Store } from '../../../server/store/store.ts';
import type { User } from '../../../server/store/users.ts';
import type { Connection } from './connection.ts';

function shown({ passwordHash: _hash, ...user }: User & { passwordHash: string }): User {
  return user;
}

export function usersIn(db: Connection): Store['users'] {
  const one = (holds: (user: User) => boolean, tx?: Parameters<typeof db.read>[0]): Promise<User | null> =>
    db.read(tx, ({ users }) => {
      const user = users.all().find(holds);
      return user === undefined ? null : shown(user);
    });
  return {
    create: ({ username, name, passwordHash, admin }, tx) =>
      db.write(tx, ({ users }) => {
        const seq = db.data.nextId();
        if (users.all().some((user) => user.username === username)) return 'taken-username';
        const made = { id: newId(), seq, username, name: cleanText(name), admin };
        const user = { ...made, disabled: false, createdAt: db.steps.now() };
        users.set(user.id, { ...user, passwordHash });
        return user;
      }),
    byId: (id, tx) => one((user) => user.id === id, tx),
    byUsername: (username, tx) => one((user) => user.username === username, tx),
    bySeq: (seq, tx) => one((user) => user.seq === seq, tx),
    count: (tx) => db.read(tx, ({ users }) => users.all().length),
    list: (tx) =>
      db.read(tx, ({ users }) =>
        users
          .all()
          .sort((a, b) => a.seq - b.seq)
          .map(shown),
      ),
    passwordHash: (username, tx) =>
      db.read(tx, ({ users }) => users.all().find((user) => user.username === username)?.passwordHash ?? null),
    setPassword: (id, passwordHash, tx) => db.write(tx, ({ users }) => users.update(id, { passwordHash })),
    rename: (id, name, tx) => db.write(tx, ({ users }) => users.update(id, { name: cleanText(name) })),
    setDisabled: (id, disabled, tx) => db.write(tx, ({ users }) => users.update(id, { disabled })),
  };
}
