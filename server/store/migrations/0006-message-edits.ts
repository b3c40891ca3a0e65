/** What a message said before it was edited. Leaves with the message, and when it is deleted or removed. */
export const name = 'message-edits';

export const sql = `
create table message_edits (
  id bigint generated always as identity primary key,
  ref text not null,
  author text not null,
  mid text not null,
  text text not null,
  until timestamptz(3) not null,
  foreign key (ref, author, mid) references messages (ref, author, mid) on delete cascade
);
create index message_edits_of on message_edits (ref, author, mid, id);
`;
