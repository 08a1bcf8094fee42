import { waitsThere } from './figures.ts'

// What downloads, batches and runs have done, from the tables.

/** For each shop: the time up to which it is complete by its marks and waiting details, and the number of waiting details. */
const lateFigure = `(select coalesce(max(late_ms), 0) from stream_cursor l where l.shop_id = s.id and l.stream in ('trades', 'refunds'))`

export const coverageFigures = `
  with waits as (
    select shop_id, tid, min(at) as at from (
      select shop_id, tid, modified_at as at from download_queue union all select shop_id, tid, wanted_at from trade_fetch) w group by 1, 2
  ), missing as (
    select shop_id, modified_at as at from staged_refund where detail_missing
  )
  select s.name, ${lateFigure} > 0 as late, (select count(*)::int from waits w where w.shop_id = s.id) + (select count(*)::int from missing m where m.shop_id = s.id) as waiting,
    (select count(*)::int from parked_item p where p.shop_id = s.id and ${waitsThere}) as parked,
    -- A shop of which a list was never read is complete to no time; \`least\` alone would leave that list out.
    case when mark('trades') is not null and mark('refunds') is not null and mark('trades_first') is not null then least(
      mark('trades'), mark('refunds'), case when mark('trades_first') < date_trunc('milliseconds', s.created_at) then mark('trades_first') end,
      (select min(at) from waits w where w.shop_id = s.id and at > to_timestamp(0)), (select min(at) from missing m where m.shop_id = s.id)) end as complete,
    (select coalesce(sum(seen), 0)::int from runs) + pushed(created + updated) as seen,
    (select coalesce(sum(created), 0)::int from runs) + pushed(created) as created,
    (select coalesce(sum(updated), 0)::int from runs) + pushed(updated) as updated
  from shop s order by s.id`
  .replaceAll(
    /mark\('(\w+)'\)/g,
    // What a late list may still show is not complete. The first load has no list of its own.
    `(select complete_to - case when '$1' = 'trades_first' then 0 else ${lateFigure} end * interval '1 millisecond'
      from stream_cursor c where c.shop_id = s.id and c.stream = '$1')`,
  )
  .replaceAll(
    /pushed\(([\w +]+)\)/g,
    `(select coalesce(sum($1), 0)::int from push_today p where p.shop_id = s.id and p.day = (now() at time zone 'Asia/Shanghai')::date)`,
  )
  .replaceAll(
    'from runs',
    `from task_run r where r.shop_id = s.id and r.kind in ('trade_list', 'refund_list')
      and r.requested_at >= date_trunc('day', now(), 'Asia/Shanghai')`,
  )

/** Whether an order, or the one that it is a part of, did not come from a platform. */
const isOwn = `(select r.origin not in ('trade', 'record') from sales_order r where r.id = coalesce(o.split_from, o.id))`
/** All payments and refunds, by their time. */
export const salesRows = `
  select paid_at as at, 1 as n, payment_fen as fen, 0 as back from staged_trade where paid_at is not null
  union all select paid_at, case when split_from is null then 1 else 0 end, payment_fen, 0 from sales_order o
    where paid_at is not null and status <> 'voided' and ${isOwn}
  union all select modified_at, 0, 0, amount_fen from staged_refund where status = 'succeeded'`

/** The number of trades and own orders paid today, by the hour in Shanghai. */
export const hourFigures = `
  select h.hour, (select coalesce(sum(n), 0)::int from (${salesRows}) s where date_trunc('hour', at, 'Asia/Shanghai')
    = date_trunc('day', now(), 'Asia/Shanghai') + h.hour * interval '1 hour') as n
  from generate_series(0, 23) h (hour) order by 1`

/** The sums of the present day, and of all seven days with it. */
export const salesFigures = `
  select sum(n) filter (where today)::int as count, sum(fen) filter (where today)::float8 as "amountFen", sum(back) filter (where today)::float8 as "refundFen",
    sum(n)::int as "weekCount", sum(fen)::float8 as "weekFen", sum(back)::float8 as "weekRefundFen"
  from (select *, at >= date_trunc('day', now(), 'Asia/Shanghai') as today from (${salesRows}) x
    union all select null, 0, 0, 0, today from (values (true), (false)) t (today)) s
  where (at is null or at >= date_trunc('day', now(), 'Asia/Shanghai') - interval '6 days' and at < date_trunc('day', now(), 'Asia/Shanghai') + interval '1 day')`

/** For each batch, the counts from its chunks. */
export const batchFigures = `
  select b.no, b.state, b.by_filter,
    (select coalesce(sum(cardinality(done_ids)), 0)::int from batch_chunk c where c.batch_id = b.id) as succeeded,
    (select count(*)::int from batch_refusal r where r.batch_id = b.id) as refused
  from batch b order by b.id`

/** The states and the summed counts of today's runs. */
export const runSums = `
  with today as (select * from task_run where requested_at >= date_trunc('day', now(), 'Asia/Shanghai'))
  select (select coalesce(jsonb_object_agg(state, n), '{}') from (select state, count(*) as n from today group by 1) s) as states,
    coalesce(sum(seen), 0)::int as seen, coalesce(sum(created), 0)::int as created, coalesce(sum(updated), 0)::int as updated,
    coalesce(sum(failed), 0)::int as failed, coalesce(sum(requests), 0)::int as requests
  from today`

/**
 * For each ended run that was started by the schedule: the number of its task's events between its start and the next run's. A task runs
 * only once at a time. The times are transaction times, which no test moves.
 */
const told = (kind: string, events: string) => `
  with began as (
    select *, lead(requested_at, 1, 'infinity') over (partition by task_id order by id) as until
    from task_run where kind = '${kind}' and requested_by is null
  )
  select r.id, (select count(*)::int from (${events}) e where e.actor_kind = 'task' and e.actor_id = r.task_id::text
    and e.at >= r.requested_at and e.at < r.until) as n
  from began r where r.state in ('done', 'failed', 'stopped')`

/**
 * For each kind of run that reports how many it made: the true number by events. `sees`: the run makes something of everything that it
 * sees.
 */
export const runDeeds: Readonly<Record<string, { made: string; sees: boolean }>> = {
  refund_list: {
    made: told('refund_list', `select * from refund_event where event = 'downloaded'`),
    sees: false,
  },
  auto_convert_trades: {
    made: told('auto_convert_trades', `select * from order_event where event = 'convert'`),
    sees: true,
  },
  auto_convert_refunds: {
    made: told('auto_convert_refunds', `select * from refund_event where event = 'converted'`),
    sees: true,
  },
}
