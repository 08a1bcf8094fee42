-- Orders that ended long ago are archived: they stay in the table, and lists leave them out unless they are asked for. Reads sales_order for
-- its indexes, during which nothing writes it: some two minutes for five million orders.

alter table sales_order add column archived_at timestamptz;
comment on column sales_order.archived_at is 'When it was archived (归档); null: live. Any other change of the row makes it live again.';

-- Each index of the list once more without archived orders, so that a list costs no more than without them.
create index sales_order_live_by_created on sales_order (status, created_at, id) where archived_at is null;
create index sales_order_live_by_paid on sales_order (status, coalesce(paid_at, '-infinity'::timestamptz), id) where archived_at is null;
create index sales_order_live_by_ship_by on sales_order (status, coalesce(ship_by, 'infinity'::timestamptz), id) where archived_at is null;
create index sales_order_live_facets on sales_order using gin (facets) with (fastupdate = on, gin_pending_list_limit = 2048) where archived_at is null;

-- Ended orders by their last change, for the task that archives.
create index sales_order_ended on sales_order (updated_at, id) where archived_at is null and status in ('completed', 'voided');

create function make_order_live() returns trigger language plpgsql as $$
begin
  new.archived_at := null;
  return new;
end $$;
create trigger sales_order_comes_back before update on sales_order for each row
  when (old.archived_at is not null and new.archived_at is not null) execute function make_order_live();
