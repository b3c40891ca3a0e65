import type { Store } from '../../server/store/store.ts';
import type { Job } from './pool.ts';
import type { Plant } from './server.ts';
import type { Settings } from './world.ts';

/** Every few calls of it. */
function sometimes(every: number): () => boolean {
  let calls = 0;
  return () => {
    calls += 1;
    return calls % every === 0;
  };
}

/**
 * Faults that a store, and through it the whole server, may have. A simulator that finds none of them would prove
 * nothing: each has to be found within a few runs.
 */
const PLANTED: Readonly<Record<string, () => (store: Store) => Store>> = {
  /** What is acknowledged is not always in the log. */
  'acknowledge before storing': () => {
    const now = sometimes(9);
    return (store) => ({
      ...store,
      documents: {
        ...store.documents,
        append: (rows, tx) =>
          now() ? Promise.resolve(rows.map((_row, i) => i + 1)) : store.documents.append(rows, tx),
      },
    });
  },
  'number a message twice': () => {
    const now = sometimes(4);
    return (store) => ({
      ...store,
      messages: {
        ...store.messages,
        existing: (slots, tx) => (now() ? Promise.resolve([]) : store.messages.existing(slots, tx)),
        insert: async (rows, tx) => {
          const known = await store.messages.existing(rows, tx);
          const taken = new Set(known.map(({ ref, mid }) => `${ref}/${mid}`));
          await store.messages.insert(
            rows.filter(({ ref, mid }) => !taken.has(`${ref}/${mid}`)),
            tx,
          );
        },
      },
    });
  },
  'give one number to two messages': () => {
    const now = sometimes(5);
    return (store) => ({
      ...store,
      messages: { ...store.messages, insert: (rows, tx) => store.messages.insert(rows.slice(0, 1), tx) },
      conversations: {
        ...store.conversations,
        advance: (rows, tx) => store.conversations.advance(now() ? rows.map((row) => ({ ...row, by: 0 })) : rows, tx),
      },
    });
  },
  'lose an edit': () => {
    const now = sometimes(3);
    return (store) => ({
      ...store,
      documents: {
        ...store.documents,
        append: (rows, tx) => {
          const kept = now() && rows.length > 1 ? rows.slice(0, -1) : rows;
          return store.documents.append(kept, tx);
        },
      },
    });
  },
  'notify twice': () => {
    const now = sometimes(2);
    return (store) => ({
      ...store,
      notifications: {
        ...store.notifications,
        pending: async (limit, tx) => {
          const pending = await store.notifications.pending(limit, tx);
          if (!now()) return pending;
          return new Map(
            [...pending].map(([user, rows]) => [
              user,
              rows.flatMap((row) => [row, { ...row, id: row.id + 1_000_000 }]),
            ]),
          );
        },
      },
    });
  },
  'never withdraw a notification': () => (store) => ({
    ...store,
    notifications: {
      ...store.notifications,
      withdraw: () => Promise.resolve(),
      withdrawMessages: () => Promise.resolve(),
    },
  }),
  'tell for the wrong reason': () => (store) => ({
    ...store,
    notifications: {
      ...store.notifications,
      add: (rows, tx) =>
        store.notifications.add(
          rows.map((row) => (row.kind === 'group' ? { ...row, kind: 'mention' as const } : row)),
          tx,
        ),
    },
  }),
  'tell everybody as much as is usual': () => (store) => ({
    ...store,
    levels: { ...store.levels, inRooms: () => Promise.resolve(new Map()) },
  }),
  'forget a notification': () => {
    const now = sometimes(3);
    return (store) => ({
      ...store,
      notifications: {
        ...store.notifications,
        add: (rows, tx) => (now() ? Promise.resolve() : store.notifications.add(rows, tx)),
      },
    });
  },
  'compact away what is not in the snapshot': () => (store) => ({
    ...store,
    documents: {
      ...store.documents,
      compact: async (name, snapshot, _upto, tx) => {
        const head = (await store.documents.heads([name], tx)).get(name) ?? 0;
        return store.documents.compact(name, snapshot, head, tx);
      },
      load: async (name, tx) => {
        const stored = await store.documents.load(name, tx);
        return stored === null
          ? null
          : { ...stored, updates: stored.updates.slice(0, Math.max(1, stored.updates.length - 1)) };
      },
    },
  }),
  'make a card without its task': () => {
    const now = sometimes(3);
    return (store) => ({
      ...store,
      tasks: { ...store.tasks, ensure: (rows, tx) => (now() ? Promise.resolve([]) : store.tasks.ensure(rows, tx)) },
    });
  },
  'let a transaction be half done': () => (store) => ({
    ...store,
    documents: { ...store.documents, append: (rows) => store.documents.append(rows) },
    transaction: (fn) => fn(undefined as never),
  }),
};

export const PLANTED_FAULTS = Object.keys(PLANTED);

/** What a run of this job begins with. A plant counts: each run has one of its own. */
export function settingsOf({ fault, ...settings }: Job): Settings {
  return fault === undefined ? settings : { ...settings, plant: plantOf(fault) };
}

/** What makes the server of a run faulty. */
function plantOf(name: string): Plant {
  const make = PLANTED[name];
  if (make === undefined) throw new Error(`nobody plants "${name}"`);
  return { store: make() };
}
