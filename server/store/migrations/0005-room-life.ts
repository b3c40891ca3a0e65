/** What a room is for, and when it was deleted. One that is deleted counts as archived too: it is in no list of rooms in use. */
export const name = 'room-life';

export const sql = `
alter table rooms
  add column description text not null default '',
  add column removed_at timestamptz(3),
  add check (removed_at is null or archived_at is not null);
`;
