import { sql } from 'kysely'
import { num, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { RowFor, Row as TableRow } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { arrayText, unnestRows } from '../../lib/unnest.ts'
import { ofWholeTrade, platformChangeRules } from '../order/lifecycle.ts'
import { openRefund } from '../order/open-refunds.ts'

export type SplittableLine = {
  orderId: string
  lineNo: number
  oid: string
  skuId: string | null
  itemId: string
  outerItemId: string
  outerSkuId: string
  quantity: number
  refundedQuantity: number
  priceFen: number
  discountFen: number
  paymentFen: number
  gift: boolean
  refunds: boolean
}

/**
 * Over `order_line l`: true if a refund counts on the line, is open about its goods, or holds the order because of it. Such a line is not
 * split off.
 */
export const refunding = sql<boolean>`(l.refunded_fen > 0 or l.refunded_quantity > 0 or exists (
  select from order_refund r where r.order_id = l.order_id and r.oid in ('', l.oid) and r.fact is not null) or ${openRefund})`

export async function splittableLines(
  tx: Tx,
  orderIds: readonly string[],
): Promise<Map<string, SplittableLine[]>> {
  const found = await sql<RowFor<'order_line', SplittableLine>>`${preparedStatement}
    select l.order_id as "orderId", l.line_no as "lineNo", l.oid, l.sku_id as "skuId", l.item_id as "itemId",
      l.outer_item_id as "outerItemId", l.outer_sku_id as "outerSkuId", l.quantity, l.refunded_quantity as "refundedQuantity",
      l.price_fen as "priceFen", l.discount_fen as "discountFen", l.payment_fen as "paymentFen",
      l.gift, ${refunding} as refunds
    from order_line l where l.order_id = any(${[...orderIds]}::bigint[]) order by l.order_id, l.line_no`.execute(
    tx,
  )
  const rows = found.rows.map((row) => ({
    ...row,
    priceFen: num(row.priceFen),
    discountFen: num(row.discountFen),
    paymentFen: num(row.paymentFen),
  }))
  return Map.groupBy(rows, ({ orderId }) => orderId)
}

/**
 * Further facts of an order that is to be split. The parent keeps the trade: an order split from a child order also becomes a child of
 * the first parent.
 */
export type SplittableOrder = TableRow<'sales_order', 'id' | 'facets' | 'parcel'> & {
  rootId: string
  rootNo: string
  rootTid: string
}

/** Returns the ids of the orders and their parents. A parent never changes, so all can be locked in one sequence of ids. */
export async function withParents(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const found = await sql<TableRow<'sales_order', 'id'>>`
    select id from unnest(${[...ids]}::bigint[]) asked (id)
    union
    select split_from from sales_order where id = any(${[...ids]}::bigint[]) and split_from is not null`.execute(
    tx,
  )
  return found.rows.map(({ id }) => id)
}

export async function splittableOrders(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, SplittableOrder>> {
  const found = await sql<SplittableOrder>`${preparedStatement}
    select o.id, root.id as "rootId", root.no as "rootNo", root.tid as "rootTid", o.facets, o.parcel
    from sales_order o join sales_order root on root.id = coalesce(o.split_from, o.id)
    where o.id = any(${[...ids]}::bigint[])`.execute(tx)
  return new Map(found.rows.map((row) => [row.id, row]))
}

/** How many numbers behind the last part of an order are tried. */
const numbersTried = 10_000

/**
 * Returns for each parent so many numbers of child orders, behind those of its earlier ones, that are free: as the number of an order and,
 * for parts of an off-platform order, as the trade number, for which a person may have chosen the same. The parents are locked.
 */
export async function freeNumbers(
  tx: Tx,
  wanted: readonly { rootId: string; count: number }[],
): Promise<Map<string, number[]>> {
  const found = await sql<{ rootId: string; numbers: number[] }>`${preparedStatement}
    select d.root_id::text as "rootId", array_agg(free.n order by free.n) as numbers
    from ${unnestRows('d', wanted, [
      ['root_id', 'int8', (row) => row.rootId],
      ['count', 'int4', (row) => row.count],
    ])}
    join sales_order root on root.id = d.root_id
    cross join lateral (select count(*)::int as parts from sales_order where split_from = root.id) made
    cross join lateral (
      -- The order of the places is known, so the limit ends the search.
      select s.n from generate_series(made.parts + 1, made.parts + d.count + ${numbersTried}::int) with ordinality s (n, place)
      where not exists (select from sales_order o where o.no = root.no || '-' || s.n)
        and (root.origin = 'trade' or not exists (
          select from sales_order o
          where o.tid = root.tid || '-' || s.n and o.shop_id = root.shop_id and o.origin in ('manual', 'import', 'copy', 'reship')
          union all
          select from sales_order o
          where o.tid = root.tid || '-' || s.n and o.shop_id = root.shop_id and o.origin in ('trade', 'record')))
      order by s.place limit d.count
    ) free
    group by d.root_id`.execute(tx)
  return new Map(found.rows.map(({ rootId, numbers }) => [rootId, numbers]))
}

export type Piece = {
  lineNo: number
  quantity: number
  /** Pieces of the line that count in the order's quantity: 0 for a gift. */
  soldQuantity: number
  paymentFen: number
  discountFen: number
  goodsFen: number
}

/** A child order to insert. `warehouseId`: null: the warehouse of the order that is split. */
export type NewChild = {
  no: string
  sourceId: string
  rootId: string
  /** Trade number if the parent is an off-platform order; child orders of a trade keep the trade's number. */
  ownTid: string
  facets: readonly number[]
  warehouseId: string | null
  shipAfter: Date | null
  pieces: readonly Piece[]
}

export type CreatedChild = TableRow<'sales_order', 'id' | 'no'> & TableRow<'order_source', 'sourceId'>

const sum = (pieces: readonly Piece[], of: keyof Piece) =>
  pieces.reduce((total, piece) => total + piece[of], 0)

/** Holds that stay on the order that is split: they concern its own goods, or a change that only the whole trade is compared with. */
const stayingHolds = [
  'unmatched',
  'refund_open',
  ...ofWholeTrade.flatMap((kind) => platformChangeRules[kind].hold ?? []),
]

/**
 * Inserts the child orders, unconfirmed, with a copy of buyer, texts, dates, and of the problems, with their waivers, and of the open platform
 * changes and holds that concern each part: the hold of gifts that are not earned any more goes with gifts. The freight stays on the order that
 * is split. The caller refreshes the sums of changes and holds, and checks the parts again.
 */
export async function insertChildren(
  tx: Tx,
  parts: readonly NewChild[],
  by: string,
): Promise<CreatedChild[]> {
  const made = await sql<CreatedChild>`
    with part as materialized (
      select d.* from ${unnestRows('d', parts, [
        ['no', 'text', (row) => row.no],
        ['source_id', 'int8', (row) => row.sourceId],
        ['root_id', 'int8', (row) => row.rootId],
        ['own_tid', 'text', (row) => row.ownTid],
        ['facets', 'text', (row) => arrayText(row.facets)],
        ['warehouse_id', 'int8', (row) => row.warehouseId],
        ['ship_after', 'timestamptz', (row) => row.shipAfter],
        ['goods_fen', 'int8', ({ pieces }) => sum(pieces, 'goodsFen')],
        ['discount_fen', 'int8', ({ pieces }) => sum(pieces, 'discountFen')],
        ['payment_fen', 'int8', ({ pieces }) => sum(pieces, 'paymentFen')],
        ['quantity', 'int4', ({ pieces }) => sum(pieces, 'soldQuantity')],
        ['has_gifts', 'bool', ({ pieces }) => pieces.some((piece) => piece.soldQuantity === 0)],
      ])}
    ), made as (
      insert into sales_order (no, shop_id, origin, tid, status, cod, currency, goods_fen, post_fee_fen, discount_fen, payment_fen,
        quantity, whole_trade, paid_at, ordered_at, ship_by, ship_after, flag, warehouse_id, warehouse_by_hand, courier,
        courier_by_hand, urgent, own_note, open_problems, facets, people, buyer_message, seller_memo, receiver_masked,
        receiver_hash, region, personal, split_from, created_by)
      select d.no, o.shop_id, case o.origin when 'trade' then 'split' else o.origin end,
        case when o.origin in ('trade', 'split') then o.tid else d.own_tid end, 'unconfirmed', o.cod, o.currency, d.goods_fen, 0,
        d.discount_fen, d.payment_fen, d.quantity, false, o.paid_at, o.ordered_at, o.ship_by, coalesce(d.ship_after, o.ship_after), o.flag,
        coalesce(d.warehouse_id, o.warehouse_id), o.warehouse_by_hand or d.warehouse_id is not null, o.courier, o.courier_by_hand,
        o.urgent, o.own_note, o.open_problems, d.facets::int[], o.people, o.buyer_message, o.seller_memo, o.receiver_masked,
        o.receiver_hash, o.region, o.personal, d.root_id, ${by}
      from part d join sales_order o on o.id = d.source_id
      order by d.source_id, d.no
      on conflict do nothing
      returning id, no
    ), named as (
      select made.id, made.no, part.source_id, part.has_gifts from made join part using (no)
    ), differences as (
      insert into order_difference (order_id, kind, old_value, new_value, personal, region, facets, people, receiver_hash, trade_version)
      select n.id, c.kind, c.old_value, c.new_value, c.personal, c.region, c.facets, c.people, c.receiver_hash, c.trade_version
      from named n join order_difference c on c.order_id = n.source_id and c.settled_at is null
      where c.kind <> all(${ofWholeTrade}::text[])
    ), problems as (
      insert into order_problem (order_id, reason, detail, found_at, waived_by, waived_at)
      select n.id, p.reason, p.detail, p.found_at, p.waived_by, p.waived_at
      from named n join order_problem p on p.order_id = n.source_id
    ), holds as (
      insert into order_hold (order_id, reason, source, note, held_by, held_at, until)
      select n.id, h.reason, h.source, h.note, h.held_by, h.held_at, h.until
      from named n join order_hold h on h.order_id = n.source_id and h.released_at is null
      where h.reason <> all(${stayingHolds}::text[]) and (n.has_gifts or h.reason <> 'gift')
    )
    select id, no, source_id as "sourceId" from named order by id`.execute(tx)
  // Another transaction gave an order one of these numbers at the same moment. Asked again, the next free number is taken.
  if (made.rows.length < parts.length)
    throw new AppError('conflict', { what: { zh: '订单号', en: 'The number of an order' } })
  return made.rows
}

/** Inserts the lines of the child orders, with the line numbers that they had on the order that was split. */
export async function insertPieces(
  tx: Tx,
  pieces: readonly (Piece & { orderId: string; sourceId: string })[],
): Promise<void> {
  await sql`
    insert into order_line (order_id, line_no, tid, oid, sku_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec,
      picture_url, quantity, price_fen, discount_fen, payment_fen, gift, gift_rule_id, gift_off_by, plan_at, substitute_for, substitute_diff_fen)
    select d.order_id, l.line_no, l.tid, l.oid, l.sku_id, l.item_id, l.platform_sku_id, l.outer_item_id, l.outer_sku_id, l.title, l.spec,
      l.picture_url, d.quantity, l.price_fen, d.discount_fen, d.payment_fen, l.gift, l.gift_rule_id, l.gift_off_by, l.plan_at,
      l.substitute_for, l.substitute_diff_fen
    from ${unnestRows('d', pieces, [
      ['order_id', 'int8', (row) => row.orderId],
      ['source_id', 'int8', (row) => row.sourceId],
      ['line_no', 'int2', (row) => row.lineNo],
      ['quantity', 'int4', (row) => row.quantity],
      ['discount_fen', 'int8', (row) => row.discountFen],
      ['payment_fen', 'int8', (row) => row.paymentFen],
    ])}
    join order_line l on l.order_id = d.source_id and l.line_no = d.line_no`.execute(tx)
}

/** Writes the remaining quantity and money of the lines that were split; a line that moved completely is deleted. */
export async function writeStaying(tx: Tx, pieces: readonly (Piece & { orderId: string })[]): Promise<void> {
  const relation = unnestRows('d', pieces, [
    ['order_id', 'int8', (row) => row.orderId],
    ['line_no', 'int2', (row) => row.lineNo],
    ['quantity', 'int4', (row) => row.quantity],
    ['discount_fen', 'int8', (row) => row.discountFen],
    ['payment_fen', 'int8', (row) => row.paymentFen],
  ])
  await sql`
    with gone as (
      delete from order_line l using ${relation}
      where l.order_id = d.order_id and l.line_no = d.line_no and d.quantity = 0
    )
    update order_line l
    set quantity = d.quantity, discount_fen = d.discount_fen, payment_fen = d.payment_fen
    from ${relation}
    where l.order_id = d.order_id and l.line_no = d.line_no and d.quantity > 0`.execute(tx)
}

/** The differences by which an order's sums change after goods left it or came back, and its new facets. */
export type Shift = {
  id: string
  goodsFen: number
  discountFen: number
  paymentFen: number
  quantity: number
  facets: readonly number[]
}

export async function writeShifts(tx: Tx, shifts: readonly Shift[]): Promise<void> {
  await sql`
    update sales_order o
    set goods_fen = o.goods_fen + d.goods_fen, discount_fen = o.discount_fen + d.discount_fen,
        payment_fen = o.payment_fen + d.payment_fen, quantity = o.quantity + d.quantity, whole_trade = false,
        facets = o.facets[1:5] || (d.facets::int[])[6:], version = version + 1, updated_at = now()
    from ${unnestRows('d', shifts, [
      ['id', 'int8', (row) => row.id],
      ['goods_fen', 'int8', (row) => row.goodsFen],
      ['discount_fen', 'int8', (row) => row.discountFen],
      ['payment_fen', 'int8', (row) => row.paymentFen],
      ['quantity', 'int4', (row) => row.quantity],
      ['facets', 'text', (row) => arrayText(row.facets)],
    ])}
    where o.id = d.id`.execute(tx)
}
