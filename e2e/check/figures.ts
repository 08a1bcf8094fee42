// The true value of each figure of a page, by SQL that shares no code with the lists.

/** The statuses of orders before shipping. */
const unshipped = `status in ('unconfirmed', 'confirmed', 'released')`
const held = `exists (select from order_hold h where h.order_id = o.id and h.released_at is null)`
const differs = `exists (select from order_difference d where d.order_id = o.id and d.settled_at is null)`

const rowsOf = (table: string, where = 'true') => `select count(*)::int as n from ${table} where ${where}`
/** One tab for each state. */
const byState = (table: string, column: string, states: readonly string[]) => ({
  ...Object.fromEntries(states.map((state) => [state, rowsOf(table, `${column} = '${state}'`)])),
})
/** Steps that a parcel lacks before it ships, in their order. */
const lacking = Object.entries({
  number: `waybill_no = ''`,
  print: `labelled and printed_at is null and 'print' = any(ship_steps)`,
  wave: `picked_at is null and 'wave' = any(ship_steps)`,
  check: `checked_at is null and 'check' = any(ship_steps)`,
  weigh: `weighed_at is null and 'weigh' = any(ship_steps)`,
  ready: 'true',
})
/** One tab for each step that is the first that a parcel lacks. */
const byStep = Object.fromEntries(
  lacking.map(([step, lacks], at) => [
    step,
    rowsOf(
      'delivery',
      [`status = 'pending'`, lacks, ...lacking.slice(0, at).map(([, before]) => `not (${before})`)].join(
        ' and ',
      ),
    ),
  ]),
)
const running = `status in ('open', 'picking', 'picked', 'sorting')`
const dueSoon = `deadline < now() + interval '4 hours'`
const needed = `state = 'staged' and status = 'applied'`
export const waitsThere = `(p.settled_at is null and not case p.kind
  when 'trade' then exists (select from staged_trade t where t.tid = p.platform_id and t.shop_id = p.shop_id and t.fetched_at > p.last_seen)
  else exists (select from staged_refund r where r.refund_no = p.platform_id and r.shop_id = p.shop_id and r.created_at > p.last_seen
    and not r.detail_missing) end)`
const answersWanted = `status in ('applied', 'agreed') and state in ('staged', 'converted', 'refusing')`

/** Figures that are correct only when all is at rest, because the next run of a shop's list corrects them. */
export const trueAtRest = ['tab no_original of staged-refunds', 'stuck refunds: no_original']

/** For each list that counts its tabs, by path: the true count of each tab. */
export const tabFigures: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'download-queue': { waiting: rowsOf('download_queue') },
  'staged-trades': {
    staged: rowsOf('staged_trade', `state = 'staged'`),
    blocked: rowsOf('staged_trade', `state = 'staged' and reason <> ''`),
    fetching: rowsOf('staged_trade', `state = 'fetching'`),
    processed: rowsOf('staged_trade', `state = 'processed'`),
    history: rowsOf('staged_trade', `state = 'converted'`),
  },
  'staged-refunds': {
    open: rowsOf('staged_refund', `state = 'staged'`),
    due: rowsOf('staged_refund', `${needed} and ${dueSoon}`),
    no_original: rowsOf(
      'staged_refund r',
      `state = 'staged' and not exists (select from staged_trade t where t.tid = r.tid and t.shop_id = r.shop_id)
        and not exists (select from sales_order o where o.tid = r.tid and o.shop_id = r.shop_id)`,
    ),
    refusing: rowsOf('staged_refund', `state = 'refusing'`),
    processed: rowsOf('staged_refund', `state = 'processed'`),
    history: rowsOf('staged_refund', `state in ('converted', 'refused', 'processed')`),
  },
  aftersale: {
    open: rowsOf('staged_refund', answersWanted),
    due: rowsOf('staged_refund', `${answersWanted} and ${dueSoon}`),
    unconverted: rowsOf('staged_refund', `status in ('applied', 'agreed') and state = 'staged'`),
  },
  'parked-items': {
    open: rowsOf('parked_item p', waitsThere),
    settled: rowsOf('parked_item p', `not ${waitsThere}`),
  },
  'webhook-messages': byState('webhook_message', 'state', ['waiting', 'given_up', 'delivered']),
  'platform-actions': byState('platform_action', 'state', [
    'failed',
    'unknown',
    'pending',
    'sending',
    'succeeded',
    'forced',
    'manual',
    'withdrawn',
  ]),
  orders: {
    ...byState('sales_order', 'status', [
      'unconfirmed',
      'confirmed',
      'released',
      'shipped',
      'completed',
      'voided',
    ]),
    problem: rowsOf(
      'sales_order o',
      `status = 'unconfirmed' and exists (select from order_problem p where p.order_id = o.id and p.waived_at is null)`,
    ),
    held: rowsOf('sales_order o', `${unshipped} and ${held}`),
    differs: rowsOf('sales_order o', `${unshipped} and ${differs}`),
    short: rowsOf(
      'sales_order o',
      `${unshipped} and exists (select from reservation r where r.order_id = o.id and not r.shipped and r.reserved < r.wanted)`,
    ),
    presale: rowsOf('sales_order', `${unshipped} and ship_after is not null`),
    all: rowsOf('sales_order'),
  },
  deliveries: {
    ...byState('delivery', 'status', ['pending', 'shipped', 'cancelled']),
    ...byStep,
    failed: rowsOf('delivery', `status = 'shipped' and write_back = 'failed'`),
    all: rowsOf('delivery'),
  },
  intercepts: {
    pull: rowsOf('intercept', `way = 'pull' and state in ('open', 'asked')`),
    recall: rowsOf('intercept', `way = 'recall' and state in ('open', 'asked')`),
    ended: rowsOf('intercept', `state not in ('open', 'asked')`),
    all: rowsOf('intercept'),
  },
  'put-backs': {
    open: rowsOf('put_back', `state = 'open'`),
    done: rowsOf('put_back', `state <> 'open'`),
    all: rowsOf('put_back'),
  },
  returns: {
    ...byState('return_order', 'status', ['unconfirmed', 'confirmed', 'received', 'settled', 'voided']),
    problem: rowsOf(
      'return_order r',
      `exists (select from return_problem p where p.return_id = r.id and p.settled_at is null)`,
    ),
    all: rowsOf('return_order'),
  },
  'unclaimed-parcels': {
    ...byState('unclaimed_parcel', 'status', ['unclaimed', 'stocked', 'claimed']),
    all: rowsOf('unclaimed_parcel'),
  },
  'extra-refunds': byState('extra_refund', 'status', ['draft', 'approved', 'voided']),
  settlements: {
    ...byState('settlement', 'status', ['draft', 'approved', 'posted', 'settled', 'voided']),
    all: rowsOf('settlement'),
  },
  'bill-trades': {
    ...byState('bill_trade', 'standing', ['open', 'explained', 'later', 'even']),
    all: rowsOf('bill_trade'),
  },
  listings: {
    unmatched: rowsOf('listing', `sku_id is null and status <> 'gone'`),
    matched: rowsOf('listing', 'sku_id is not null'),
    all: rowsOf('listing'),
  },
  skus: {
    active: rowsOf('sku', 'active'),
    bundle: rowsOf('sku k', 'active and exists (select from bundle_part b where b.bundle_id = k.id)'),
    retired: rowsOf('sku', 'not active'),
    all: rowsOf('sku'),
  },
  bins: {
    all: rowsOf('bin', 'active'),
    empty: rowsOf(
      'bin b',
      'active and not exists (select from sku_bin s where b.id in (s.main_bin_id, s.spare_bin_id))',
    ),
    retired: rowsOf('bin', 'not active'),
  },
  'count-tasks': {
    open: rowsOf('count_task', `status = 'open'`),
    second: rowsOf(
      'count_task t',
      `status = 'open' and exists (select from count_line l where l.task_id = t.id and not exists (
        select from count_line s where s.task_id = t.id and s.sku_id = l.sku_id and not exists (
          select from count_entry e where e.task_id = t.id and e.line_no = s.line_no and e.round = 1))
        and not (select sum(e.quantity) from count_entry e join count_line s using (task_id, line_no)
          where e.task_id = t.id and s.sku_id = l.sku_id and e.round = 1) between
            (select e.expected - e.maybe_packed from count_entry e where e.task_id = t.id and e.line_no = l.line_no and e.round = 1)
            and (select e.expected from count_entry e where e.task_id = t.id and e.line_no = l.line_no and e.round = 1)
        and not exists (select from count_entry e where e.task_id = t.id and e.line_no = l.line_no and e.round = 2))`,
    ),
    differing: rowsOf('count_task', `status = 'done' and document_id is not null`),
    done: rowsOf('count_task', `status = 'done'`),
    cancelled: rowsOf('count_task', `status = 'cancelled'`),
  },
  waves: {
    running: rowsOf('wave', running),
    today: rowsOf('wave', `status = 'done' and done_at >= date_trunc('day', now())`),
    stopped: rowsOf(
      'wave w',
      `${running} and exists (select from wave_delivery m join delivery d on d.id = m.delivery_id join sales_order o on o.id = m.order_id
        where m.wave_id = w.id and (m.live or m.keeps) and d.status = 'pending' and (o.status <> 'released' or ${held}))`,
    ),
    all: rowsOf('wave'),
  },
  stock: {
    all: rowsOf('stock'),
    short: rowsOf('stock', 'short > 0'),
    locked: rowsOf('stock', 'locked > 0'),
  },
  'stock-documents': byState('stock_document', 'status', ['draft', 'approved', 'sent', 'posted', 'voided']),
  'stock-uploads': {
    ...byState('stock_upload', 'standing', ['failed', 'waiting', 'synced']),
    paused: rowsOf('stock_upload', `standing in ('paused', 'off')`),
    all: rowsOf('stock_upload'),
  },
}

const notStock = `kind <> 'stock_upload'`
const nobodyLooks = `state = 'unknown' and next_at is null`

/** A line of the order has no SKU. */
const noSku = `exists (select from order_line l where l.order_id = o.id and l.sku_id is null and l.quantity > l.refunded_quantity)`
/** A refund about the goods of the order is open, or holds it. */
const refundOpen = `(exists (select from order_hold h where h.order_id = o.id and h.released_at is null and h.reason = 'refund_open')
  or exists (select from order_refund r where r.order_id = o.id and r.refund_status in ('applied', 'agreed') and r.kind in ('refund_only', 'return', 'exchange')))`
const short = `status = 'confirmed' and not ${held} and not ${differs}
  and exists (select from reservation r where r.order_id = o.id and not r.shipped and r.reserved < r.wanted)`

/** For each queue of the overview: its true count, and the counts of its note. */
export const queueFigures: Readonly<
  Record<string, { count: string; note: Readonly<Record<string, string>> }>
> = {
  download: { count: rowsOf('download_queue'), note: {} },
  fetching: { count: rowsOf('staged_trade', `state = 'fetching'`), note: {} },
  staged: {
    count: rowsOf('staged_trade', `state = 'staged'`),
    note: { convertible: rowsOf('staged_trade', `state = 'staged' and reason = ''`) },
  },
  unconfirmed: { count: rowsOf('sales_order', `status = 'unconfirmed'`), note: {} },
  to_release: {
    count: rowsOf('sales_order', `status = 'confirmed'`),
    note: { short: rowsOf('sales_order o', short) },
  },
  to_ship: {
    count: rowsOf('delivery', `status = 'pending'`),
    note: { to_print: String(byStep['print']) },
  },
  write_back: {
    count: rowsOf('platform_action', `state = 'pending' and ${notStock}`),
    note: { failed: rowsOf('platform_action', `state = 'failed' and ${notStock}`) },
  },
  refunds: {
    count: rowsOf('staged_refund', `state = 'staged'`),
    note: { due: rowsOf('staged_refund', `${needed} and ${dueSoon}`) },
  },
}

const toShip = `select *, ship_by < now() as over from delivery where status = 'pending'`
/** Deliveries that wait: those that have to leave before midnight, and those that are late. */
export const shipByFigures: Readonly<Record<'today' | 'over', string>> = {
  today: `select count(*)::int as n from (${toShip}) d where ship_by < date_trunc('day', now(), 'Asia/Shanghai') + interval '1 day'`,
  over: `select count(*)::int as n from (${toShip}) d where over`,
}

/** The true number of rows that are stuck for a reason (`$1`). Every entry of the overview is one of these. */
export const stuckFigures: Readonly<Record<string, string>> = {
  staged: rowsOf('staged_trade', `state = 'staged' and reason = $1`),
  refunds: rowsOf('staged_refund', `state = 'staged' and reason = $1`),
  'fetching detail_failed': rowsOf('trade_fetch', '$1 <> $2 and tries >= 5'),
  'fetching parked': rowsOf('parked_item p', `$1 <> $2 and ${waitsThere}`),
  'unconfirmed unmatched': rowsOf('sales_order o', `$1 <> $2 and ${unshipped} and ${held} and ${noSku}`),
  'unconfirmed refund_held': rowsOf(
    'sales_order o',
    `$1 <> $2 and ${unshipped} and ${held} and not ${noSku} and ${refundOpen}`,
  ),
  'unconfirmed on_hold': rowsOf(
    'sales_order o',
    `$1 <> $2 and ${unshipped} and ${held} and not ${noSku} and not ${refundOpen}`,
  ),
  'unconfirmed differs': rowsOf('sales_order o', `$1 <> $2 and ${unshipped} and ${differs} and not ${held}`),
  'to_release short': rowsOf('sales_order o', `$1 <> $2 and ${short}`),
  'write_back write_back_failed': rowsOf('platform_action', `$1 <> $2 and state = 'failed' and ${notStock}`),
  'write_back write_back_unclear': rowsOf('platform_action', `$1 <> $2 and ${nobodyLooks}`),
}

/** For each place whose rows have reasons: the reasons that occur. */
export const stuckReasons: Readonly<Record<string, string>> = {
  staged: `select distinct reason from staged_trade where state = 'staged' and reason <> ''`,
  refunds: `select distinct reason from staged_refund where state = 'staged' and reason <> ''`,
}

const near = `now() + interval '4 hours'`
const ofShipped = `status = 'shipped' and write_back in ('waiting', 'failed') and shown_waybill = '' and ship_by < ${near}`

/** The deliveries of a merged shipment are one parcel. */
const parcelsIn = (where: string) =>
  `select count(distinct (courier, waybill_no))::int as n from parcel_track where ${where}`
const tracked = `next_at is not null and asked_at is not null
  and exists (select from delivery d where d.id = parcel_track.delivery_id and d.status = 'shipped')`

/** The true figure of each kind of alarm: the number of rows, or the number of alarms. */
export const alarmFigures: Readonly<Record<string, string>> = {
  auth_expired: rowsOf('shop', `enabled and auth_state = 'expired'`),
  actions_failed: rowsOf('platform_action', `state = 'failed' and ${notStock}`),
  actions_unclear: rowsOf('platform_action', nobodyLooks),
  stock_failed: rowsOf('platform_action', `state = 'failed' and kind = 'stock_upload'`),
  lock_not_in_force: rowsOf(
    'stock_document',
    `status = 'approved' and kind = 'lock' and starts_at < now() - interval '1 minute' and ends_at > now()`,
  ),
  refunds_due: rowsOf('staged_refund', `${needed} and ${dueSoon}`),
  ship_by_passed: rowsOf('sales_order', `status = 'unconfirmed' and ship_by < now()`),
  ship_by_near: rowsOf(
    'sales_order',
    `${unshipped} and ship_by < ${near} and (status <> 'unconfirmed' or ship_by >= now())`,
  ),
  write_back_late: rowsOf('delivery', ofShipped),
  parcels_to_stop: rowsOf('intercept', `state = 'open'`),
  waybills_surplus: `select coalesce(sum(surplus), 0)::int as n from waybill_count where surplus > 0 and counted_at > now() - interval '3 days'`,
  label_gone: rowsOf('waybill_account', 'enabled and template_gone_at is not null'),
  returns_due: rowsOf(
    'return_order',
    `deadline < now() + interval '24 hours' and refund_status in ('applied', 'agreed')
      and (status in ('unconfirmed', 'confirmed') and (refund_status = 'applied' or waybill_no <> '')
        or status = 'received' and kind <> 'exchange' and told in ('', 'failed'))`,
  ),
  returns_late: rowsOf(
    'return_order',
    `status in ('unconfirmed', 'confirmed') and waybill_no <> '' and created_at < now() - interval '10 days'`,
  ),
  details_failing: rowsOf('trade_fetch', 'tries >= 5'),
  parked_items: rowsOf('parked_item p', waitsThere),
  refund_let_through: `
    select count(distinct o.id)::int as n from refund_waiver w join sales_order o on o.id = w.order_id
    join refund_notice r on r.shop_id = o.shop_id and r.refund_no = w.refund_no
    where w.ended_at is null and o.status <> 'voided' and r.refund_status in ('applied', 'agreed', 'succeeded', 'unknown')
      and not exists (select from order_refund c where c.order_id = o.id and c.refund_no = w.refund_no and c.fact is not null)`,
  refund_flood: `
    select count(*)::int as n from (
      select o.shop_id, count(*) as lately from sales_order o
      where ${unshipped} and exists (select from order_hold h where h.order_id = o.id and h.released_at is null
        and h.reason = 'refund_open' and h.held_at > now() - interval '10 minutes')
      group by o.shop_id
    ) held
    where lately >= 5 and 10 * lately > (
      select count(*) from sales_order o where o.shop_id = held.shop_id and ${unshipped} and o.origin <> 'record')`,
  refund_held_due: rowsOf(
    'sales_order o',
    `${unshipped} and ship_by < ${near}
      and exists (select from order_hold h where h.order_id = o.id and h.released_at is null and h.reason = 'refund_open')`,
  ),
  parcels_uncollected: parcelsIn(
    `state = 'unknown' and left_at < now() - interval '24 hours' and ${tracked}`,
  ),
  parcels_stuck: parcelsIn(
    `state in ('collected', 'in_transit', 'out_for_delivery') and moved_at < now() - interval '72 hours' and ${tracked}`,
  ),
  parcels_problem: parcelsIn(`state = 'problem' and ${tracked}`),
  parcels_returning: parcelsIn(`state = 'returning' and ${tracked}`),
  parcels_unasked: rowsOf(
    'unasked_parcel u',
    `answered_at is null
      and exists (select from delivery d where d.id = u.delivery_id and d.round = u.round and d.status = 'shipped')`,
  ),
  reveals_many: rowsOf('reveal_count', `over_at > now() - interval '1 day'`),
  being_read: rowsOf('shop_gate', 'restored_at is not null'),
  clock_skew: rowsOf('clock_skew', `seen_at > now() - interval '10 minutes'`),
  worker_silent: rowsOf('task', 'false'),
  task_failing: rowsOf(
    'task t',
    `enabled and failures + losses >= 3
      and not exists (select from shop_gate g where g.shop_id = t.shop_id and g.paused <> '{}')`,
  ),
}
/** Alarms of these kinds concern one thing each, so their figure is the number of alarms. */
export const singleAlarms = [
  'auth_expired',
  'task_failing',
  'worker_silent',
  'refund_flood',
  'clock_skew',
  'being_read',
]
/** Alarms with their own tests, because the tables alone do not determine their figures. */
export const alarmsElsewhere = [
  'stream_behind',
  'push_silent',
  'relay_silent',
  'watchdog_silent',
  'refunded_unheld',
  'disk_low',
  'backup_late',
  'webhook_failing',
]
