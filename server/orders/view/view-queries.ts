import { type RawBuilder, sql } from 'kysely'
import { skuOfListing } from '../../catalog/relations.ts'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, num, preparedStatement } from '../../core/db/db.ts'
import type { NotNull, Row, RowFor, Rows } from '../../core/db/rows.ts'
import { reservationRows, warehouseNames } from '../../inventory/relations.ts'
import { facet, has } from '../../lib/facets.ts'
import { type OrderOut, type OrderRow, orderFacts } from '../list/contract.ts'
import { goodsOfLines } from '../list/glance.ts'
import { orderList } from '../list/lists-contract.ts'
import { allocationBits, allocationFacet, refundFacets } from '../order/facets.ts'
import { designatedOf, withMoney } from '../order/queries.ts'
import type { Detail } from '../review/check.ts'
import { reasonWords } from '../review/checks.ts'
import type { OrderDetail } from './contract.ts'
import type { OrderMoney } from './money.ts'

/** Facts that are not columns of the order's row. */
const computed: Readonly<Record<string, RawBuilder<unknown>>> = {
  warehouseName: sql`coalesce((select w.name from ${warehouseNames} w where w.id = o.warehouse_id), '')`,
  refundState: sql`case o.facets[4] when ${refundFacets.open}::int then 'open' when ${refundFacets.succeeded}::int then 'succeeded'
    else 'none' end`,
  designated: designatedOf(sql`o.facets`),
  toDoor: sql`o.facets @> array[${facet('has', has.toDoor)}::int]`,

  short: hasBit('short'),
  unmatched: hasBit('unmatched'),
  unasked: hasBit('unasked'),
}

/** Selects facts; one that is not computed is the column of the same name. */
const select = (names: readonly string[]) =>
  sql.join(
    names.map((name) => {
      const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      return sql`${computed[name] ?? sql`o.${sql.ref(column)}`} as ${sql.ref(name)}`
    }),
  )
const facts = select(Object.keys(orderFacts))

const sheetKeys = new Set<string>(orderList.columns.flatMap((one) => ('sheet' in one ? [one.key] : [])))
const sheetFacts = select(
  Object.keys(orderFacts).filter((name) => name === 'id' || name === 'shopId' || sheetKeys.has(name)),
)

function hasBit(bit: keyof typeof allocationBits) {
  return sql`((o.facets[5] - ${allocationFacet(0)}::int) & ${sql.lit(allocationBits[bit])}) <> 0`
}

const holdReasons = sql`case when o.open_holds = 0 then '{}' else array(
  select distinct reason from order_hold where order_id = o.id and released_at is null) end`

export async function orderRows(db: Database, ids: readonly string[]): Promise<OrderRow[]> {
  type Found = RowFor<'sales_order', Omit<OrderRow, 'problems'>> & {
    problems: (Row<'order_problem', 'reason'> & { detail: Detail })[]
  }
  const found = await sql<Found>`${preparedStatement}
    select ${facts}, l.count as "lineCount", l.lines, ${holdReasons} as "holdReasons",
      case when o.differences = 0 then '{}' else array(
        select distinct kind from order_difference where order_id = o.id and settled_at is null) end as "differenceKinds",
      case when o.open_problems = 0 then '[]' else (
        select coalesce(jsonb_agg(jsonb_build_object('reason', p.reason, 'detail', p.detail) order by p.reason), '[]')
        from order_problem p where p.order_id = o.id and p.waived_at is null) end as problems
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join sales_order o on o.id = i.id
    cross join lateral (
      select count(*)::int as count, coalesce(jsonb_agg(jsonb_build_object('title', title, 'spec', spec, 'pictureUrl', picture_url,
        'quantity', quantity, 'refundedQuantity', refunded_quantity) order by line_no) filter (where nth <= 2), '[]') as lines
      from (select *, row_number() over (order by line_no) as nth from order_line where order_id = o.id and (not gift or refunded_quantity < quantity)) line
    ) l
    order by i.n`.execute(db)
  return found.rows.map((row) => ({
    ...withMoney(row),
    problems: row.problems.map(({ reason, detail }) => ({ reason, message: reasonWords(reason, detail) })),
  }))
}

/** Returns the rows of a page in a sheet. `waybills`: a relation of orders with the couriers and waybills of their deliveries. */
export async function ordersOut(
  db: Database,
  ids: readonly string[],
  waybills: RawBuilder<unknown>,
): Promise<OrderOut[]> {
  const found = await sql<RowFor<'sales_order', OrderOut>>`
    select ${sheetFacts}, o.created_by as "createdBy", o.discount_fen as "discountFen", ${holdReasons} as "holdReasons",
      coalesce(d.courier, '') as "sentBy", coalesce(d.waybill_no, '') as "waybillNo", l.goods
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join sales_order o on o.id = i.id
    left join ${waybills} d on d.order_id = o.id
    cross join lateral (
      select coalesce(${goodsOfLines}, '[]') as goods
      from order_line where order_id = o.id and (not gift or refunded_quantity < quantity)
    ) l
    order by i.n`.execute(db)
  return found.rows.map((row) => ({ ...withMoney(row), discountFen: num(row.discountFen) }))
}

type WholeMoney = Pick<OrderMoney, 'goodsFen' | 'discountFen' | 'subsidyFen'>
type Whole = WholeMoney &
  Pick<OrderDetail, 'createdBy' | 'updatedAt'> &
  Omit<OrderRow, 'lines' | 'lineCount' | 'holdReasons' | 'differenceKinds' | 'problems'> & {
    lockedBy: string | null
    warehouseId: string | null
    cameBack: boolean
  }

export async function wholeOrder(db: Database, id: string, scope: Scope): Promise<Whole | undefined> {
  const found = await sql<RowFor<'sales_order', Whole>>`
    select ${facts}, o.goods_fen as "goodsFen", o.discount_fen as "discountFen", o.subsidy_fen as "subsidyFen", o.created_by as "createdBy", o.updated_at as "updatedAt",
      o.warehouse_id as "warehouseId", o.locked_by as "lockedBy", o.came_back as "cameBack"
    from sales_order o
    where o.id = ${id}::bigint and ${scopeSql(scope, sql.ref('o.shop_id'))}`.execute(db)
  return found.rows.map((row) => ({
    ...withMoney(row),
    goodsFen: num(row.goodsFen),
    discountFen: num(row.discountFen),
    subsidyFen: num(row.subsidyFen),
  }))[0]
}

type Line = Omit<
  OrderDetail['lines'][number],
  'skuCode' | 'skuName' | 'warehouse' | 'rematchedTo' | 'substituteFor'
> & {
  warehouseId: string | null
  rematchedId: string | null
  substituteForId: string | null
}

export async function orderLines(db: Database, orderId: string): Promise<Line[]> {
  const found = await sql<
    RowFor<'order_line', Omit<Line, 'giftOffBy' | 'substituteDiffFen'>> &
      NotNull<Row<'order_line', 'giftOffBy'>> &
      Pick<Line, 'substituteDiffFen'>
  >`
    select l.line_no as "lineNo", l.oid, l.sku_id as "skuId", l.item_id as "itemId", l.platform_sku_id as "platformSkuId",
      l.outer_item_id as "outerItemId", l.outer_sku_id as "outerSkuId", l.title, l.spec, l.picture_url as "pictureUrl", l.quantity,
      l.refunded_quantity as "refundedQuantity", l.price_fen as "priceFen", l.discount_fen as "discountFen",
      l.payment_fen as "paymentFen", l.refunded_fen as "refundedFen", l.gift, coalesce(l.gift_off_by, '') as "giftOffBy", r.warehouse_id as "warehouseId",
      case when l.sku_id is null then 'unmatched' when r.warehouse_id is null then 'unasked' when r.shipped then 'shipped'
        when r.enough then 'promised' else 'short' end as promise,
      l.substitute_for as "substituteForId", l.substitute_diff_fen::float8 as "substituteDiffFen",
      case when l.substitute_for is null then
        nullif(${skuOfListing(sql`o.shop_id`, sql`l.item_id`, sql`l.platform_sku_id`)}, l.sku_id) end as "rematchedId"
    from order_line l join sales_order o on o.id = l.order_id
    cross join lateral (
      select min(warehouse_id) as warehouse_id, bool_and(shipped) as shipped,
        bool_and(reserved = wanted and wanted >= (l.quantity - l.refunded_quantity) * per_line) as enough
      from ${reservationRows} r where r.order_id = l.order_id and r.line_no = l.line_no
    ) r
    where l.order_id = ${orderId}::bigint order by l.line_no`.execute(db)
  return found.rows.map((row) => ({
    ...row,
    priceFen: num(row.priceFen),
    discountFen: num(row.discountFen),
    paymentFen: num(row.paymentFen),
    refundedFen: num(row.refundedFen),
  }))
}

export async function orderHolds(db: Database, orderId: string): Promise<OrderDetail['holds']> {
  const found = await sql<Row<'order_hold', keyof OrderDetail['holds'][number]>>`
    select id, reason, source, note, held_by as "heldBy", held_at as "heldAt", until, released_by as "releasedBy",
      released_at as "releasedAt"
    from order_hold where order_id = ${orderId}::bigint order by released_at is not null, id desc limit 200`.execute(
    db,
  )
  return found.rows
}

export async function platformChangesOf(
  db: Database,
  orderId: string,
): Promise<OrderDetail['openDifferences']> {
  const found = await sql<OrderDetail['openDifferences'][number]>`
    select id, kind, old_value as old, new_value as new, seen_at as "seenAt", settled_at as "settledAt",
      settled_by as "settledBy", settled_how as "settledHow"
    from order_difference where order_id = ${orderId}::bigint order by settled_at is not null, id desc limit 200`.execute(
    db,
  )
  return found.rows
}

export async function orderProblems(db: Database, orderId: string): Promise<OrderDetail['problems']> {
  const found = await sql<
    Row<'order_problem', Exclude<keyof OrderDetail['problems'][number], 'message'>> & { detail: Detail }
  >`
    select reason, detail, found_at as "foundAt", waived_by as "waivedBy", waived_at as "waivedAt"
    from order_problem where order_id = ${orderId}::bigint order by waived_at is not null, reason`.execute(db)
  return found.rows.map(({ detail, ...row }) => ({ ...row, message: reasonWords(row.reason, detail) }))
}

/** Returns the newest 500 events, oldest first. */
export async function orderEvents(db: Database, orderId: string): Promise<OrderDetail['events']> {
  const found = await sql<OrderDetail['events'][number]>`
    select id, at, event, actor_kind as "actorKind", actor_name as "actorName", detail
    from order_event where order_id = ${orderId}::bigint order by order_event.id desc limit 500`.execute(db)
  return found.rows.toReversed()
}

type Refund = OrderDetail['refunds'][number]

export async function orderRefunds(db: Database, orderId: string): Promise<Refund[]> {
  const found = await sql<
    Row<'order_refund', Exclude<keyof Refund, 'status'>> & { status: Rows['order_refund']['refundStatus'] }
  >`
    select refund_no as "refundNo", oid, kind, refund_status as status, amount_fen as "amountFen", quantity, effect,
      counted_fen as "countedFen", applied_at as "appliedAt"
    from order_refund where order_id = ${orderId}::bigint order by applied_at, refund_no`.execute(db)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen), countedFen: num(row.countedFen) }))
}

/**
 * Returns succeeded refunds of trade lines that are neither on this order nor on its child orders, since they were refunded before
 * conversion.
 */
export async function earlierRefunds(db: Database, orderId: string): Promise<EarlierRefund[]> {
  const found = await sql<Row<'refund_notice', keyof EarlierRefund>>`
    select n.refund_no as "refundNo", n.amount_fen as "amountFen"
    from sales_order o join refund_notice n on n.tid = o.tid and n.shop_id = o.shop_id
    where o.id = ${orderId}::bigint and o.origin in ('trade', 'record') and n.source = 'refund' and n.refund_status = 'succeeded' and n.oid <> ''
      and not exists (select from order_line l join sales_order s on s.id = l.order_id
        where s.tid = o.tid and s.shop_id = o.shop_id and l.oid = n.oid)
    order by n.refund_no`.execute(db)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen) }))
}
type EarlierRefund = OrderDetail['earlierRefunds'][number]

/** Returns the sealed personal data; the caller must have checked the permission. */
export async function sealedPersonal(
  db: Database,
  orderId: string,
  scope: Scope,
): Promise<Row<'sales_order', 'shopId' | 'personal'> | undefined> {
  const found = await sql<Row<'sales_order', 'shopId' | 'personal'>>`
    select o.shop_id as "shopId", o.personal from sales_order o
    where o.id = ${orderId}::bigint and ${scopeSql(scope, sql.ref('o.shop_id'))}`.execute(db)
  return found.rows[0]
}
