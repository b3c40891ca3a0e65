/** Who is in a private room. Its name says nothing to others, so it keeps none from them either. */
export const name = 'room-members';

export const sql = `
create table room_members (
  room text not null references rooms on delete cascade,
  user_id text not null references users on delete cascade,
  joined_at timestamptz(3) not null default now(),
  primary key (room, user_id)
);
create index room_members_user on room_members (user_id);

drop index rooms_name;
create unique index rooms_name on rooms (board, lower(name)) where archived_at is null and not private;
`;
