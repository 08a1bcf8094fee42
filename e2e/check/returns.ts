import type { Client } from 'pg'
import type { Wrong } from './desk.ts'

/** The stock items for one piece of an order's line: the parts of a bundle, or the SKU itself. */
const parts = `(
  select l.order_id, l.line_no, b.part_id as sku_id, b.quantity as per from order_line l join bundle_part b on b.bundle_id = l.sku_id
  union all
  select l.order_id, l.line_no, l.sku_id, 1 from order_line l
  where not exists (select from bundle_part b where b.bundle_id = l.sku_id))`

/** Rules for returned goods and replacements. Each query returns the violations as (id, found). */
export const returnRules: Readonly<Record<string, string>> = {
  'what has left of a line is what the line has left': `
    select concat_ws('/', l.order_id, l.line_no, p.sku_id) as id, concat_ws(' ', 'of', l.quantity, 'off', l.refunded_quantity, 'left', m.gone) as found
    from sales_order o
    join order_line l on l.order_id = o.id
    join ${parts} p on p.order_id = l.order_id and p.line_no = l.line_no
    cross join lateral (
      select coalesce(-sum(quantity), 0) as gone from stock_movement
      where document_kind = 'order' and document_id = l.order_id and line_no = l.line_no and sku_id = p.sku_id
    ) m
    where o.status in ('shipped', 'completed') and o.origin <> 'record' and m.gone <> (l.quantity - l.refunded_quantity) * p.per`,

  'no more comes back of a line than has left, over all its returns': `
    select concat_ws('/', l.order_id, l.order_line_no, p.sku_id) as id, concat_ws(' ', 'came', l.came * p.per, 'left', m.gone) as found
    from (select order_id, order_line_no, sum(good + defective) as came from return_line group by 1, 2) l
    join ${parts} p on p.order_id = l.order_id and p.line_no = l.order_line_no
    left join lateral (
      select -sum(quantity) as gone from stock_movement
      where document_kind = 'order' and document_id = l.order_id and line_no = l.order_line_no and sku_id = p.sku_id
    ) m on true
    where l.came * p.per > coalesce(m.gone, 0)`,

  'no more is asked back of a line than has left': `
    select concat_ws('/', l.order_id, l.order_line_no) as id, concat_ws(' ', 'asked', l.asked, 'left', o.quantity - o.refunded_quantity) as found
    from (
      select l.order_id, l.order_line_no, sum(case when t.received_at is not null and not exists (
        select from return_problem p where p.return_id = t.id and p.kind = 'short' and p.line_no = l.line_no and p.settled_at is null)
        then l.good + l.defective else l.quantity end) as asked
      from return_line l join return_order t on t.id = l.return_id and t.status <> 'voided' group by 1, 2
    ) l
    join order_line o on o.order_id = l.order_id and o.line_no = l.order_line_no
    where l.asked > o.quantity - o.refunded_quantity`,

  'what came back stays out of the house as its order tells': `
    select o.no as id, concat_ws(' ', o.status, o.came_back, l.came) as found
    from sales_order o
    join (select order_id, sum(good + defective) as came from return_line group by 1) l on l.order_id = o.id
    where l.came > 0 and (o.status not in ('shipped', 'completed') or not o.came_back)`,

  'a return counts what its lines and its receipts count, and its problems': `
    select t.no as id, concat_ws(' ', t.good, t.defective, 'lines', l.good, l.defective, 'receipts', r.good, r.defective,
      'problems', t.open_problems, p.open) as found
    from return_order t
    cross join lateral (
      select sum(good) as good, sum(defective) as defective, sum(quantity) as quantity from return_line where return_id = t.id
    ) l
    cross join lateral (
      select coalesce(sum(good), 0) as good, coalesce(sum(defective), 0) as defective from return_receipt where return_id = t.id
    ) r
    cross join lateral (select count(*) as open from return_problem where return_id = t.id and settled_at is null) p
    where (t.good, t.defective, t.quantity) is distinct from (l.good, l.defective, l.quantity)
      or (t.good, t.defective) is distinct from (r.good, r.defective) or t.open_problems <> p.open`,

  'what a receipt counts came into stock once, good pieces and defective ones apart': `
    with moved as (
      select m.document_id as return_id, m.step, m.line_no, w.kind = 'defective' as bad, p.sku_id, m.sku_id as moved_sku, p.per, m.quantity
      from stock_movement m
      join warehouse w on w.id = m.warehouse_id
      left join return_line l on l.return_id = m.document_id and l.line_no = m.line_no
      left join ${parts} p on p.order_id = l.order_id and p.line_no = l.order_line_no and p.sku_id = m.sku_id
      where m.document_kind = 'return'
    ), by_line as (
      select return_id, step, line_no, bad, max(quantity / per) as pieces, count(*) as skus,
        bool_or(per is null) or min(quantity::numeric / per) <> max(quantity / per) as torn
      from moved group by 1, 2, 3, 4
    ), by_step as (
      select return_id, step, coalesce(sum(pieces) filter (where not bad), 0) as good, coalesce(sum(pieces) filter (where bad), 0) as defective,
        bool_or(torn or skus <> (
          select count(*) from return_line l join ${parts} p on p.order_id = l.order_id and p.line_no = l.order_line_no
          where l.return_id = by_line.return_id and l.line_no = by_line.line_no)) as torn
      from by_line group by 1, 2
    )
    select concat_ws('/', r.return_id, m.return_id, r.step) as id,
      concat_ws(' ', 'counted', r.good, r.defective, 'moved', m.good, m.defective, 'torn', m.torn) as found
    from return_receipt r full join by_step m using (return_id, step)
    where (m.torn or (r.good, r.defective) is distinct from (coalesce(m.good, 0), coalesce(m.defective, 0)))
      and not (m.return_id is null and r.good + r.defective > 0
        and exists (select from unclaimed_parcel p where p.return_id = r.return_id and p.stocked_at is not null))`,

  'goods of an unclaimed parcel came into stock once, by the parcel or by its return': `
    select t.no as id, concat('receipts that moved nothing ', r.n, ', parcels stocked before ', p.n) as found
    from return_order t
    cross join lateral (
      select count(*) as n from return_receipt r
      where r.return_id = t.id and r.good + r.defective > 0 and not exists (
        select from stock_movement m where m.document_kind = 'return' and m.document_id = t.id and m.step = r.step)
    ) r
    cross join lateral (select count(*) as n from unclaimed_parcel where return_id = t.id and stocked_at is not null) p
    where r.n <> p.n
    union all
    select p.no, concat('line ', l.line_no, ': holds ', l.good, ' and ', l.defective, ', moved ', m.good, ' and ', m.defective)
    from unclaimed_parcel p
    join unclaimed_line l on l.parcel_id = p.id
    cross join lateral (
      select coalesce(sum(m.quantity) filter (where w.kind <> 'defective'), 0) as good,
        coalesce(sum(m.quantity) filter (where w.kind = 'defective'), 0) as defective
      from stock_movement m join warehouse w on w.id = m.warehouse_id
      where m.document_kind = 'parcel' and m.document_id = p.id and m.line_no = l.line_no and m.sku_id = l.sku_id
    ) m
    where (m.good, m.defective) is distinct from
      (case when p.stocked_at is null then 0 else l.good end, case when p.stocked_at is null then 0 else l.defective end)`,

  'a parcel is claimed once, by one return': `
    select p.no as id, concat_ws(' ', p.status, p.return_no, 'claims', c.n, c.returns) as found
    from unclaimed_parcel p
    cross join lateral (
      select count(*) as n, string_agg(return_id::text, ' ') as returns from return_event where event = 'claimed' and detail ->> 'no' = p.no
    ) c
    where c.n <> (p.status = 'claimed')::int or p.status = 'claimed' and c.returns <> p.return_id::text`,

  'an exchange is sent once, its goods and no money': `
    select t.no as id, concat_ws(' ', 'names', t.exchange_order_no, 'sent', s.n, s.id, 'pieces', g.pieces, 'asked', l.pieces, 'fen', g.fen, f.fen) as found
    from return_order t
    cross join lateral (
      select count(*) as n, min(order_id) as id from order_source where reason = '换货 ' || t.no
    ) s
    left join lateral (
      select sum(line.quantity) as pieces, sum(line.payment_fen + o.payment_fen + o.goods_fen) as fen
      from sales_order o join order_line line on line.order_id = o.id and not line.gift
      where t.exchange_order_id in (o.id, o.split_from)
    ) g on true
    cross join lateral (
      select coalesce(sum(amount_fen), 0) as fen from settlement x join sales_order o on o.id = x.order_id
      where t.exchange_order_id in (o.id, o.split_from) and x.status <> 'voided'
    ) f
    cross join lateral (
      select sum(quantity) as pieces from return_line where return_id = t.id and order_id = t.order_id
    ) l
    where s.n > 1 or s.id is distinct from t.exchange_order_id
      or t.exchange_order_id is not null and (g.pieces <> l.pieces or g.fen <> 0 or f.fen <> 0)`,

  'for an exchange nothing is paid back': `
    select concat_ws('/', order_id, refund_no) as id, concat_ws(' ', fact, counted_fen) as found
    from order_refund where kind = 'exchange' and (fact is not null or counted_fen <> 0)`,

  'a receipt is told to the platform once': `
    select a.subject_id as id, concat_ws(' ', count(*), 'actions for', a.payload ->> 'refundId') as found
    from platform_action a where a.kind = 'return.receipt'
    group by a.subject_id, a.payload ->> 'refundId' having count(*) > 1
    union all
    select a.payload ->> 'refundId', concat(count(*), ' actions')
    from platform_action a where a.kind = 'return.receipt' group by 1 having count(*) > 1`,

  'a return says of its telling what became of its action': `
    select t.no as id, concat_ws(' ', t.told, a.state, t.refund_status, t.open_problems) as found
    from return_order t left join platform_action a on a.id = t.action_id
    where t.told is distinct from case when a.id is null then case when t.told in ('', 'none') then t.told end
        when a.state = 'succeeded' then 'done' when a.state in ('failed', 'forced', 'manual') then a.state end
      or (a.id is not null and t.received_at is null)`,

  'the platform hears of goods that it waits for': `
    select t.no as id, concat_ws(' ', t.kind, t.status, t.refund_no, t.refund_status) as found
    from return_order t
    where t.received_at is not null and t.open_problems = 0 and t.kind = 'return' and t.refund_status in ('applied', 'agreed')
      and t.action_id is null`,

  'a return knows its refund as its orders do': `
    select t.no as id, concat_ws(' ', t.refund_status, t.amount_fen, 'orders', r.statuses, r.fen) as found
    from return_order t
    join lateral (
      select string_agg(distinct refund_status, ' ') as statuses, sum(amount_fen) as fen from order_refund
      where shop_id = t.shop_id and refund_no = t.refund_no
    ) r on r.statuses is not null
    where t.refund_no <> '' and (t.refund_status, t.amount_fen) is distinct from (r.statuses, r.fen)`,

  'each order knows the newest version of a refund': `
    select concat_ws('/', r.order_id, r.refund_no) as id, concat_ws(' ', r.version, r.kind, r.refund_status, 'of', s.version, s.kind, s.status) as found
    from order_refund r
    join staged_refund s on s.shop_id = r.shop_id and s.refund_no = r.refund_no
    where s.state = 'converted' and (r.version, r.kind, r.refund_status) is distinct from (s.version, s.kind, s.status)`,

  'what came off before it left is not asked back': `
    select t.no as id, concat_ws(' ', t.status, t.refund_no) as found
    from return_order t join sales_order o on o.id = t.order_id and o.status in ('shipped', 'completed')
    where t.refund_no <> '' and t.status <> 'voided' and not exists (
      select from order_refund r where r.shop_id = t.shop_id and r.refund_no = t.refund_no and not (r.takes_goods and r.counted_quantity > 0))`,

  'nothing leaves whose refund had succeeded': `
    with left_last as (
      select order_id, max(id) as event_id from order_event where event = 'ship' group by 1
    ), paid as (
      select distinct on (e.order_id, e.detail ->> 'refundNo') e.order_id, e.detail ->> 'oid' as oid,
        (e.detail ->> 'amountFen')::bigint as fen, (e.detail ->> 'quantity')::int as quantity
      from order_event e join left_last l on l.order_id = e.order_id and e.id < l.event_id
      where e.event in ('refund_reduce', 'refund_money') and e.detail ->> 'status' = 'succeeded'
      order by e.order_id, e.detail ->> 'refundNo', e.id desc
    ), off as (
      select l.order_id, l.line_no, l.quantity, least(l.quantity, sum(least(p.quantity, l.quantity))) as pieces
      from paid p join order_line l on l.order_id = p.order_id and l.oid = p.oid and l.oid <> ''
      where p.quantity > 0 and p.fen >= floor(l.payment_fen * least(p.quantity, l.quantity) / l.quantity)
      group by l.order_id, l.line_no, l.quantity
    )
    select concat_ws('/', f.order_id, f.line_no, p.sku_id) as id, concat_ws(' ', f.pieces, 'of', f.quantity, 'were refunded, left', m.gone) as found
    from off f
    join ${parts} p on p.order_id = f.order_id and p.line_no = f.line_no
    cross join lateral (
      select coalesce(-sum(quantity), 0) as gone from stock_movement
      where document_kind = 'order' and document_id = f.order_id and line_no = f.line_no and sku_id = p.sku_id
    ) m
    where m.gone > (f.quantity - f.pieces) * p.per`,

  'a shipping that nobody is told of is being looked for': `
    select d.no as id, concat_ws(' ', d.status, d.write_back) as found
    from delivery d
    where d.write_back = 'stopped' and d.status = 'shipped' and not exists (
      select from delivery beside join intercept i on i.delivery_id = beside.id and i.ended_at is null
      where beside.id = d.id or beside.parcel = d.parcel)`,
}

/** The transitions of a return, written again independent of the program. */
const moves: Readonly<Record<string, readonly [from: readonly string[], to: string]>> = {
  confirm: [['unconfirmed'], 'confirmed'],
  unconfirm: [['confirmed'], 'unconfirmed'],
  receive: [['confirmed'], 'received'],
  settle: [['received'], 'settled'],
  void: [['unconfirmed', 'confirmed'], 'voided'],
  revive: [['voided'], 'unconfirmed'],
}
const waitedFor = ['received', 'settled']

export const returnStoryRules = [
  'a return is made once',
  'a return moves as the table of its life says',
  'a return stands where its story ends',
  'goods come in only where somebody receives them',
] as const

type Row = { return_id: string; no: string; status: string; event: string }

export async function checkReturnStories(client: Client): Promise<Wrong[]> {
  const { rows } = await client.query<Row>(`
    select t.id as return_id, t.no, t.status, e.event from return_order t
    left join return_event e on e.return_id = t.id order by t.id, e.id`)
  return [...Map.groupBy(rows, (row) => row.return_id).values()].flatMap(checkStory)
}

function checkStory(rows: readonly Row[]): Wrong[] {
  const [first] = rows
  if (!first) return []
  const wrong: Wrong[] = []
  const note = (rule: (typeof returnStoryRules)[number], found: unknown) =>
    wrong.push({ rule, id: first.no, found })
  const events = rows.map(({ event }) => event)
  if (events[0] !== 'created' || events.filter((event) => event === 'created').length > 1)
    note('a return is made once', events.slice(0, 5))
  let status = 'unconfirmed'
  for (const event of events) {
    const move = moves[event]
    if (move && !move[0].includes(status))
      note('a return moves as the table of its life says', `${event} while ${status}`)
    if (move) status = move[1]
    if (event === 'receipt' && !waitedFor.includes(status))
      note('goods come in only where somebody receives them', status)
  }
  if (status !== first.status) note('a return stands where its story ends', [status, first.status])
  return wrong
}
