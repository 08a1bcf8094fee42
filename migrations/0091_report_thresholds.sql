-- A report also goes to a robot of a group chat, and a figure of today that is beyond a threshold is reported for each shop once a day.
-- The release before knows no robots: a subscription that is due while its worker still runs goes by mail to its user.

alter table report_subscription add column channel_id bigint;
comment on table report_subscription is 'A report that a user gets by mail or in a group chat (订阅).';
comment on column report_subscription.channel_id is '→ alarm_channel.id: the robot of a group chat that gets it; null: it goes by mail.';
-- Release before: it leaves `channel_id` empty, so no row of it is refused.
create unique index report_subscription_robot
  on report_subscription (user_id, report, row_kind, measure, coalesce(shop_id, 0), every, hour, language, channel_id) where channel_id is not null;

create table report_threshold (
  id bigint generated always as identity,
  user_id bigint not null,
  figure text not null,
  bound double precision not null,
  least_count integer not null,
  hour smallint not null,
  shop_id bigint,
  channel_id bigint,
  language text not null,
  enabled boolean not null default true,
  looked_at timestamptz,
  created_at timestamptz not null default now(),
  constraint report_threshold_pkey primary key (id),
  constraint report_threshold_user_id_fkey foreign key (user_id) references app_user (id),
  constraint report_threshold_hour_check check (hour between 0 and 23),
  constraint report_threshold_language_check check (language in ('zh', 'en'))
);
create unique index report_threshold_single
  on report_threshold (user_id, figure, bound, least_count, hour, coalesce(shop_id, 0), coalesce(channel_id, 0), language);
comment on table report_threshold is 'A figure of today of which a user is notified when it is beyond a bound in a shop (订阅).';
comment on column report_threshold.figure is 'Which figure, and whether too much or too little of it is reported: server/reports/thresholds/threshold-rules.ts.';
comment on column report_threshold.bound is 'A percentage is of 100, money is in fen.';
comment on column report_threshold.least_count is 'A shop with fewer orders or deliveries today is left out.';
comment on column report_threshold.hour is 'The hour in China from which it is looked at.';
comment on column report_threshold.shop_id is '→ shop.id; null: each shop of the user.';
comment on column report_threshold.channel_id is '→ alarm_channel.id: the robot of a group chat that gets it; null: it goes by mail.';
comment on column report_threshold.enabled is 'False: the user has switched it off.';
comment on column report_threshold.looked_at is 'The last look; there is one in each hour.';

create table report_threshold_notice (
  threshold_id bigint not null,
  day date not null,
  shop_id bigint not null,
  state text not null,
  error text not null default '',
  value double precision not null,
  counted integer not null,
  begun_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint report_threshold_notice_pkey primary key (threshold_id, day, shop_id),
  constraint report_threshold_notice_threshold_id_fkey foreign key (threshold_id) references report_threshold (id) on delete cascade,
  constraint report_threshold_notice_state_check check (state in ('due', 'sending', 'sent', 'failed'))
);
create index report_threshold_notice_due on report_threshold_notice (threshold_id, day) where state = 'due';
comment on table report_threshold_notice is 'A shop that was beyond the bound on this day. The key makes it once for each shop and day; those found by one look are one message.';
comment on column report_threshold_notice.day is 'The day in China.';
comment on column report_threshold_notice.state is 'due: to be sent. sending: a process has begun to send it; one that stays so was sent or not, and only its user may send it again.';
comment on column report_threshold_notice.error is 'Why it failed, as a code or as the receiver said it.';
comment on column report_threshold_notice.value is 'The figure when it was found.';
comment on column report_threshold_notice.counted is 'The orders or deliveries of the shop then.';
