import type { UserId } from '../../src/lib/model/ids.ts';
import type { Database, Tx } from './database.ts';

/** Where a browser's push service takes messages for it, and the keys that only this browser can read them with. */
export interface PushAddress {
  endpoint: string;
  p256dh: string;
  auth: string;
}

export interface PushSubscriber extends PushAddress {
  /** Names the subscription in jobs; opens nothing. */
  id: string;
  user: UserId;
}

/** The pair that push services know this server by. */
export type VapidKeys = { publicKey: string; privateKey: string };

const VAPID = 'vapid';

export function pushOf(db: Database) {
  return {
    /** The keys of this instance: those given, unless there are some. They stay, because every subscription is made for them. */
    async vapid(made: VapidKeys, tx?: Tx): Promise<VapidKeys> {
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        await sql`insert into settings (key, value) values (${VAPID}, ${sql.json(made)}) on conflict (key) do nothing`;
        const [row] = await sql<{ value: VapidKeys }[]>`select value from settings where key = ${VAPID}`;
        return row?.value ?? made;
      });
    },

    /** Gives a session its subscription, in place of the one before. Of a person the newest `most` are kept. */
    async subscribe(session: string, one: PushSubscriber, most: number, tx?: Tx): Promise<void> {
      const { id, user, endpoint, p256dh, auth } = one;
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        await sql`
          insert into push_subscriptions (session, id, user_id, endpoint, p256dh, auth)
          values (${session}, ${id}, ${user}, ${endpoint}, ${p256dh}, ${auth})
          on conflict (session) do update set id = excluded.id, endpoint = excluded.endpoint,
            p256dh = excluded.p256dh, auth = excluded.auth, created_at = now()`;
        // The same browser, signed in anew: the session before has not been swept yet.
        await sql`
          delete from push_subscriptions
          where user_id = ${user} and endpoint = ${endpoint} and session <> ${session}`;
        await sql`
          delete from push_subscriptions where user_id = ${user} and session not in (
            select session from push_subscriptions where user_id = ${user}
            order by session = ${session} desc, created_at desc limit ${most}
          )`;
      });
    },

    async unsubscribe(session: string, tx?: Tx): Promise<void> {
      await db.sql(tx)`delete from push_subscriptions where session = ${session}`;
    },

    /** Drops a subscription that its push service does not know any more. */
    async forget(id: string, tx?: Tx): Promise<void> {
      await db.sql(tx)`delete from push_subscriptions where id = ${id}`;
    },

    /** A person's, of sessions that are good at `now`. */
    async ofUser(user: UserId, now: number, tx?: Tx): Promise<PushSubscriber[]> {
      return [
        ...(await db.sql(tx)<PushSubscriber[]>`
          select p.id, p.user_id as user, p.endpoint, p.p256dh, p.auth
          from push_subscriptions p join sessions s on s.id_hash = p.session join users u on u.id = p.user_id
          where p.user_id = ${user} and s.expires_at > ${now} and not u.disabled
          order by p.created_at, p.id`),
      ];
    },
  };
}
