/** What a person is shown of their sessions: an id that opens nothing, the browser in words, when it was last used. */
export const name = 'session-list';

export const sql = `
alter table sessions
  add column id text not null unique default left(replace(gen_random_uuid()::text, '-', ''), 20),
  add column device text not null default '',
  add column used_at timestamptz(3) not null default now();
`;
