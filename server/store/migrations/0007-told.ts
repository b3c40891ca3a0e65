/** Who is told of a message: once, for the strongest reason; as much of a room as they want; and groups not without end. */
export const name = 'told';

export const sql = `
alter table notifications drop constraint notifications_user_id_ref_author_mid_kind_key;
alter table notifications add unique (user_id, ref, author, mid);

create table levels (
  room text not null,
  user_id text not null references users on delete cascade,
  level text not null,
  primary key (room, user_id)
);

create table group_calls (
  user_id text not null references users on delete cascade,
  at timestamptz(3) not null
);
create index group_calls_of on group_calls (user_id, at);
`;
