-- Alarms leave the installation: channels to robots, mailboxes and programs, and a record of each alarm and of what was sent where.

create table alarm_channel (
  id bigint generated always as identity primary key,
  name text not null,
  kind text not null,
  credentials bytea not null,
  kinds text[] not null default '{}',
  least_tone text not null default 'warn',
  quiet_from smallint,
  quiet_to smallint,
  quiet_passes_bad boolean not null default true,
  sends_end boolean not null default true,
  language text not null default 'zh',
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  created_by text not null,
  last_sent_at timestamptz,
  failed_since timestamptz,
  failure jsonb,
  attempts integer not null default 0,
  next_try_at timestamptz not null default now(),
  constraint alarm_channel_name_check check (name <> ''),
  constraint alarm_channel_kind_check check (kind in ('dingtalk', 'wecom', 'feishu', 'mail', 'webhook')),
  constraint alarm_channel_least_tone_check check (least_tone in ('warn', 'bad')),
  constraint alarm_channel_language_check check (language in ('zh', 'en')),
  constraint alarm_channel_quiet_check check (
    (quiet_from is null) = (quiet_to is null) and quiet_from between 0 and 1439 and quiet_to between 0 and 1439 and quiet_from <> quiet_to)
);
comment on table alarm_channel is 'A channel (告警通知) to which alarms are sent: the robot of a group chat, a mailbox, or a program''s address.';
comment on column alarm_channel.credentials is 'Address and secrets. Sealed with the word alarm_channel.';
comment on column alarm_channel.kinds is 'The kinds of alarms that are sent; empty: all.';
comment on column alarm_channel.least_tone is 'bad: only severe alarms are sent.';
comment on column alarm_channel.quiet_from is 'Quiet hours from this minute of the day (+08:00) to quiet_to, also over midnight; null: none.';
comment on column alarm_channel.quiet_passes_bad is 'Severe alarms are sent in quiet hours too.';
comment on column alarm_channel.sends_end is 'A recovery note is sent when an alarm ends.';
comment on column alarm_channel.failed_since is 'Since when every attempt failed; null: the last one succeeded.';
comment on column alarm_channel.failure is 'Why the last attempt failed, {zh, en}.';

create table alarm_record (
  id bigint generated always as identity primary key,
  alarm_id text not null,
  kind text not null,
  tone text not null,
  title jsonb not null,
  detail jsonb not null,
  page text not null,
  documents integer not null,
  shop_id bigint,
  began_at timestamptz not null default now(),
  absent_since timestamptz,
  ended_at timestamptz,
  constraint alarm_record_tone_check check (tone in ('warn', 'bad'))
);
create unique index alarm_record_open on alarm_record (alarm_id) where ended_at is null;
create index alarm_record_ended on alarm_record (ended_at) where ended_at is not null;
comment on table alarm_record is 'One span of an alarm, from when it was first seen to its end, with its latest words.';
comment on column alarm_record.documents is 'The number of documents concerned.';
comment on column alarm_record.page is 'The address of the page where a person can act.';
comment on column alarm_record.began_at is 'When the alarm was first seen. Its cause may be older.';
comment on column alarm_record.absent_since is 'Since when the alarm is not seen; after a minute of that it has ended.';

create table alarm_notice (
  channel_id bigint not null references alarm_channel on delete cascade,
  record_id bigint not null references alarm_record on delete cascade,
  what text not null,
  made_at timestamptz not null default now(),
  sent_at timestamptz,
  constraint alarm_notice_pkey primary key (channel_id, record_id, what),
  constraint alarm_notice_what_check check (what in ('warn', 'bad', 'ended'))
);
create index alarm_notice_record on alarm_notice (record_id);
create index alarm_notice_unsent on alarm_notice (channel_id) where sent_at is null;
comment on table alarm_notice is 'What is sent to a channel about an alarm, once each: that it began or became severe, and that it ended.';
comment on column alarm_notice.sent_at is 'When the channel took it; null: it is still to be sent.';

create table alarm_turn (
  one boolean primary key default true,
  worker text not null,
  leased_until timestamptz,
  looked_at timestamptz not null,
  constraint alarm_turn_one_check check (one)
);
comment on table alarm_turn is 'Which process looks at the alarms and sends them now; one does at a time.';
comment on column alarm_turn.leased_until is 'Another process takes over after this time; null: the turn is over.';
