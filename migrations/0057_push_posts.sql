-- Some platforms post their messages to an address of ours, instead of sending them on a connection that a worker holds.

alter table push_channel add column posted boolean not null default false;

comment on table push_channel is 'A way on which a platform tells one app what happens in its shops: a connection, which one worker at a time holds, or posts to our address.';
comment on column push_channel.posted is 'True: the platform posts messages to our address, so nobody holds a connection, and quiet hours say nothing.';
comment on column push_channel.heard_at is 'The last sign of the platform, a message or not; null: never.';
