/** Where a session's browser wants to be told while no page is open. It ends with the session. */
export const name = 'push';

export const sql = `
create table push_subscriptions (
  session text primary key references sessions (id_hash) on delete cascade,
  id text not null unique,
  user_id text not null references users on delete cascade,
  endpoint text not null,
  p256dh text not null,
  auth text not null,
  created_at timestamptz(3) not null default now()
);
create index push_subscriptions_user on push_subscriptions (user_id);
`;
