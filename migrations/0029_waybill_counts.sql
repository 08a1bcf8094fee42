-- The numbers that a source says it has given are counted against our rows every night.

alter table waybill add column sends integer not null default 1 check (sends > 0);
comment on column waybill.sends is 'How often it was sent to the source until it was answered; above 1, a source that neither looks up nor repeats may have given a number that nobody has.';

alter table waybill_account add column template_gone_at timestamptz;
comment on column waybill_account.template_gone_at is 'Since when the source no longer offers this label; null: it does, or was not asked.';

create table waybill_count (
  id bigint not null generated always as identity primary key,
  shop_id bigint not null references shop (id),
  source text not null,
  courier text not null,
  branch_code text not null,
  branch_name text not null,
  counted_at timestamptz not null default now(),
  given integer not null,
  ours integer not null,
  surplus integer not null,
  delivery_ids bigint[] not null default '{}'
);
comment on table waybill_count is 'A count of a branch (网点): the numbers that the source says it has given, against our rows.';
comment on column waybill_count.given is 'Numbers that the source has given to this branch''s account so far, less those that it took back.';
comment on column waybill_count.ours is 'The same of our rows.';
comment on column waybill_count.surplus is 'How many more the source gave than we have since the count before; below 0: some were given back without us.';
comment on column waybill_count.delivery_ids is 'If there is a surplus: the deliveries whose number was asked for more than once since the count before. → delivery.id';

create index waybill_count_of_branch on waybill_count (shop_id, source, courier, branch_code, id);
create index waybill_count_surplus on waybill_count (counted_at) where surplus > 0;
