-- 子订单预计发货日: the day that the platform names for one line of a presale.
alter table order_line add column plan_at timestamptz;

-- Whose masked receivers are one and the same, as the platform said when it was asked. Only what was asked at once can be compared: orders
-- of one asking and one group may leave in one parcel, those of two groups may not.
create sequence receiver_asking;
create table receiver_answer (
  order_id bigint primary key,
  -- The receiver that it was asked for: a changed one has no answer yet.
  receiver_hash integer not null,
  -- 0: the receiver is known in clear, and nobody had to be asked.
  asked bigint not null,
  -- Null: the platform said nothing of it.
  grp integer,
  at timestamptz not null default now()
);
create index receiver_answer_at on receiver_answer (at);
