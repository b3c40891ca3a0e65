/** People, boards, conversations, documents, and the outbox between them. */
export const name = 'spine';

export const sql = `
create table users (
  id text primary key,
  seq integer generated always as identity unique check (seq between 1 and 2097151),
  username text not null unique,
  name text not null,
  password_hash text not null,
  admin boolean not null,
  disabled boolean not null default false,
  created_at timestamptz(3) not null default now()
);

create table sessions (
  id_hash text primary key,
  user_id text not null references users on delete cascade,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null
);
create index sessions_user on sessions (user_id);
create index sessions_expiry on sessions (expires_at);

create table settings (
  key text primary key,
  value jsonb
);

create table boards (
  id text primary key,
  title text not null,
  created_by text not null references users,
  created_at timestamptz(3) not null default now(),
  removed_at timestamptz(3)
);

create table memberships (
  board text not null references boards on delete cascade,
  user_id text not null references users on delete cascade,
  role text not null check (role in ('owner', 'member', 'commenter', 'viewer')),
  joined_at timestamptz(3) not null default now(),
  primary key (board, user_id)
);
create index memberships_user on memberships (user_id);

create table invitations (
  code_hash text primary key,
  board text not null references boards on delete cascade,
  role text not null check (role in ('owner', 'member', 'commenter', 'viewer')),
  created_by text not null references users,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3),
  uses integer check (uses >= 0)
);
create index invitations_board on invitations (board);

create table rooms (
  id text primary key,
  board text not null references boards on delete cascade,
  name text not null,
  private boolean not null,
  created_by text not null references users,
  created_at timestamptz(3) not null default now(),
  archived_at timestamptz(3)
);
create unique index rooms_name on rooms (board, lower(name)) where archived_at is null;

create table tasks (
  id text primary key,
  board text not null references boards on delete cascade,
  created_at timestamptz(3) not null default now()
);
create index tasks_board on tasks (board);

-- ref is 'room/<id>' or 'task/<id>'.
create table conversations (
  ref text primary key,
  board text not null references boards on delete cascade,
  head integer not null default 1,
  next_seq bigint not null default 1,
  head_count integer not null default 0,
  last_at timestamptz(3)
);
create index conversations_board on conversations (board);

create table messages (
  ref text not null references conversations on delete cascade,
  author text not null,
  mid text not null,
  seq bigint not null,
  volume integer not null,
  at timestamptz(3) not null,
  primary key (ref, author, mid),
  unique (ref, seq)
);
create index messages_mid on messages (mid);

-- 'delivered' is what the inbox document holds, 'withdrawn' what it should not hold: equal means work to do.
create table notifications (
  id bigint generated always as identity primary key,
  user_id text not null references users on delete cascade,
  ref text not null,
  author text not null,
  mid text not null,
  kind text not null,
  by_user text not null,
  board text not null references boards on delete cascade,
  excerpt text not null,
  at timestamptz(3) not null,
  withdrawn boolean not null default false,
  delivered boolean not null default false,
  unique (user_id, ref, author, mid, kind),
  foreign key (ref, author, mid) references messages on delete cascade
);
create index notifications_message on notifications (ref, author, mid);
create index notifications_pending on notifications (id) where delivered = withdrawn;

-- The log of truth: one row for each accepted update, numbered from 1 in each document by documents.head.
create table documents (
  name text primary key,
  epoch integer not null default 1,
  head bigint not null,
  snapshot bytea,
  snapshot_upto bigint not null default 0
);

create table updates (
  document text not null,
  id bigint not null,
  data bytea not null,
  author text,
  at timestamptz(3) not null default now(),
  primary key (document, id)
);

create table updates_set_aside (
  document text not null,
  id bigint not null,
  data bytea not null,
  author text,
  at timestamptz(3) not null,
  reason text not null,
  set_aside_at timestamptz(3) not null default now(),
  primary key (document, id)
);

create table jobs (
  id bigint generated always as identity primary key,
  kind text not null,
  key text not null,
  payload jsonb,
  run_at timestamptz(3) not null,
  attempts integer not null default 0,
  leased_until timestamptz(3),
  last_error text
);
create unique index jobs_waiting on jobs (kind, key) where leased_until is null;
create index jobs_leased on jobs (kind, key) where leased_until is not null;
create index jobs_due on jobs (run_at);
`;
