-- Reports go by mail to the users who want them, at an hour of theirs, once for each period.

create table report_subscription (
  id bigint generated always as identity,
  user_id bigint not null,
  report text not null,
  row_kind text not null,
  measure text not null,
  shop_id bigint,
  every text not null,
  hour smallint not null,
  language text not null,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  constraint report_subscription_pkey primary key (id),
  constraint report_subscription_user_id_fkey foreign key (user_id) references app_user (id),
  constraint report_subscription_every_check check (every in ('day', 'week', 'month')),
  constraint report_subscription_hour_check check (hour between 0 and 23),
  constraint report_subscription_language_check check (language in ('zh', 'en'))
);
create index report_subscription_user on report_subscription (user_id);
comment on table report_subscription is 'A report that a user gets by mail (订阅).';
comment on column report_subscription.row_kind is 'The rows of the report: shop, sku, province …';
comment on column report_subscription.measure is 'The figure of the cells.';
comment on column report_subscription.shop_id is '→ shop.id; null: all shops of the user.';
comment on column report_subscription.every is 'day: the day before; week: the week before, on Mondays; month: the month before, on the first.';
comment on column report_subscription.hour is 'The hour in China at which the mail is due.';
comment on column report_subscription.enabled is 'False: the user has ended it, by a click in the mail or on the page.';

create table report_mail (
  subscription_id bigint not null,
  period date not null,
  state text not null,
  error text not null default '',
  stop_hash bytea,
  begun_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint report_mail_pkey primary key (subscription_id, period),
  constraint report_mail_subscription_id_fkey foreign key (subscription_id) references report_subscription (id) on delete cascade,
  constraint report_mail_state_check check (state in ('sending', 'sent', 'failed'))
);
create unique index report_mail_stop on report_mail (stop_hash) where stop_hash is not null;
comment on table report_mail is 'One mail of a subscription. The key makes it once for each period, whatever process ends between.';
comment on column report_mail.period is 'The day on which it is due: of a week the Monday, of a month the first, after the days that it shows.';
comment on column report_mail.state is 'sending: a process has begun to send it. One that stays so was sent or not, and only its user may send it again.';
comment on column report_mail.error is 'Why it failed, as a code or as the mail server said it.';
comment on column report_mail.stop_hash is 'The hash of the word in the mail''s link that ends the subscription.';
