/** The inbox still shows what a message said before it was edited; what is withdrawn keeps no words. */
export const name = 'reworded';

export const sql = `
alter table notifications add column reworded boolean not null default false;
update notifications set excerpt = '' where withdrawn;
drop index notifications_pending;
create index notifications_pending on notifications (id) where delivered = withdrawn or reworded;
`;
