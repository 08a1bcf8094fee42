import { sql } from 'kysely'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { RowFor, Rows, Row as TableRow } from '../../core/db/rows.ts'
import { isSameBuyer, phoneKeysNear } from '../../lib/people.ts'
import { unnestRows } from '../../lib/unnest.ts'
import type { OrderStatus } from '../order/lifecycle.ts'
import { orderedSku } from '../order/relations.ts'
import type { GiftOrder } from './decide.ts'

export type GiftFacts = GiftOrder & {
  no: string
  tid: string
  status: OrderStatus
  lastLine: number
  /** True if the order's goods are divided among several orders; the rules are not applied then, because none sees all goods. */
  split: boolean
}

type LineText = [
  lineNo: number,
  skuId: string | null,
  itemId: string,
  left: number,
  fen: number,
  gift: boolean,
  ruleId: string | null,
  offBy: string | null,
]
type Row = RowFor<'sales_order', Omit<GiftFacts, 'sold' | 'gifts' | 'had'>> & {
  lines: LineText[]
  had: [ruleId: string, times: number][]
}

/** Reads all orders in one query. The amounts of one order are small enough for JSON numbers. */
export async function giftOrders(db: Database | Tx, ids: readonly string[]): Promise<GiftFacts[]> {
  const found = await sql<Row>`${preparedStatement}
    select o.id, o.no, o.tid, o.status, o.origin, o.shop_id as "shopId", o.ordered_at as "orderedAt", o.paid_at as "paidAt", o.cod,
      o.warehouse_id as "warehouseId", o.split_from is not null or exists (
        select from sales_order part where part.split_from = o.id and part.status <> 'voided') as split, l.lines, l.last as "lastLine",
      (select coalesce(json_agg(json_build_array(g.rule_id::text, g.times)), '[]') from order_gift g where g.order_id = o.id) as had
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join sales_order o on o.id = i.id
    cross join lateral (
      select max(line_no)::int as last, json_agg(json_build_array(line_no, (${orderedSku})::text, item_id, quantity - refunded_quantity,
        payment_fen - refunded_fen, gift, gift_rule_id::text, gift_off_by) order by line_no) as lines
      from order_line l where order_id = o.id
    ) l
    order by i.n`.execute(db)
  return found.rows.map(({ lines, had, ...row }) => ({
    ...row,
    sold: lines.flatMap(([, skuId, itemId, left, fen, gift]) => (gift ? [] : [{ skuId, itemId, left, fen }])),
    gifts: lines.flatMap(([lineNo, skuId, , left, , gift, ruleId, offBy]) =>
      gift && skuId !== null ? [{ lineNo, skuId, left, ruleId, offBy }] : [],
    ),
    had: new Map(had),
  }))
}

/**
 * Returns by rule id the number of orders that count toward the rule's limit `firstOrders`. `lock`: locks the rules until the end of the
 * transaction, so that no other transaction counts a further order.
 */
export async function placesTaken(
  db: Database | Tx,
  ruleIds: readonly string[],
  lock: boolean,
): Promise<Map<string, number>> {
  const found = await sql<TableRow<'gift_rule', 'id'> & { taken: Rows['gift_rule']['placesTaken'] }>`
    select id, places_taken as taken from gift_rule where id = any(${[...ruleIds]}::bigint[])
    order by id ${lock ? sql`for update` : sql``}`.execute(db)
  return new Map(found.rows.map(({ id, taken }) => [id, taken]))
}

export type SameBuyer = Pick<GivenBefore, 'orderId'> & {
  otherId: string
  ruleId: GivenBefore['ruleId'] | null
}

/** Orders of a buyer within a year before or after count for `perBuyer`. */
const buyerHours = 366 * 24

/**
 * For each of these orders, returns other orders of its buyer that are not voided: those that got gifts by these rules, and those that are
 * among `ids` too.
 */
export async function sameBuyers(
  db: Database | Tx,
  ids: readonly string[],
  ruleIds: readonly string[],
): Promise<SameBuyer[]> {
  const found = await sql<SameBuyer>`
    select o.id as "orderId", b.id as "otherId", g.rule_id as "ruleId"
    from sales_order o
    cross join lateral (
      select b.* from sales_order_person k join sales_order b on b.id = k.id
      where k.key = any(${phoneKeysNear(sql.ref('o.people'), sql.ref('o.ordered_at'), sql.lit(buyerHours))}) and k.id <> o.id
      -- The fence makes the planner find the buyer's orders by their keys first.
      offset 0
    ) b
    left join order_gift g on g.order_id = b.id and g.rule_id = any(${[...ruleIds]}::bigint[]) and g.times > 0
    where o.id = any(${[...ids]}::bigint[]) and b.status <> 'voided'
      and (g.rule_id is not null or b.id = any(${[...ids]}::bigint[])) and ${isSameBuyer(sql.ref('o.people'), sql.ref('b.people'))}`.execute(
    db,
  )
  return found.rows
}

export type NewGift = { orderId: string; ruleId: string; times: number; version: number }
export type NewLine = {
  orderId: string
  lineNo: number
  tid: string
  skuId: string
  code: string
  title: string
  spec: string
  pictureUrl: string
  quantity: number
  ruleId: string | null
}
export type OpenLine = { orderId: string; lineNo: number; left: number; offBy?: string }

/**
 * Writes which rule gave which order gifts, the new gift lines, and for each rule the additional orders that count toward its limit
 * `firstOrders`. The caller has locked the existing orders and the limited rules.
 */
export async function writeGifts(
  tx: Tx,
  gifts: readonly NewGift[],
  lines: readonly NewLine[],
  places: readonly { ruleId: string; count: number }[],
): Promise<void> {
  await sql`${preparedStatement}
    with given as (
      insert into order_gift (order_id, rule_id, times, version)
      select order_id, rule_id, times, version from ${unnestRows('d', gifts, [
        ['order_id', 'int8', (row) => row.orderId],
        ['rule_id', 'int8', (row) => row.ruleId],
        ['times', 'int4', (row) => row.times],
        ['version', 'int4', (row) => row.version],
      ])}
      on conflict (order_id, rule_id) do update set times = excluded.times, version = excluded.version, given_at = now()
    ), places as (
      update gift_rule r set places_taken = r.places_taken + d.count
      from ${unnestRows('d', places, [
        ['rule_id', 'int8', (row) => row.ruleId],
        ['count', 'int4', (row) => row.count],
      ])}
      where r.id = d.rule_id
    )
    insert into order_line (order_id, line_no, tid, oid, sku_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec,
      picture_url, quantity, price_fen, discount_fen, payment_fen, gift, gift_rule_id)
    select order_id, line_no, tid, '', sku_id, '', '', '', code, title, spec, picture_url, quantity, 0, 0, 0, true, rule_id
    from ${unnestRows('d', lines, [
      ['order_id', 'int8', (row) => row.orderId],
      ['line_no', 'int2', (row) => row.lineNo],
      ['tid', 'text', (row) => row.tid],
      ['sku_id', 'int8', (row) => row.skuId],
      ['code', 'text', (row) => row.code],
      ['title', 'text', (row) => row.title],
      ['spec', 'text', (row) => row.spec],
      ['picture_url', 'text', (row) => row.pictureUrl],
      ['quantity', 'int4', (row) => row.quantity],
      ['rule_id', 'int8', (row) => row.ruleId],
    ])}`.execute(tx)
}

export async function writeRemaining(tx: Tx, lines: readonly OpenLine[]): Promise<void> {
  if (lines.length === 0) return
  await sql`
    update order_line l
    set refunded_quantity = l.quantity - d.remaining, gift_off_by = coalesce(d.off_by, l.gift_off_by)
    from ${unnestRows('d', lines, [
      ['order_id', 'int8', (row) => row.orderId],
      ['line_no', 'int2', (row) => row.lineNo],
      ['remaining', 'int4', (row) => row.left],
      ['off_by', 'text', (row) => row.offBy ?? null],
    ])}
    where l.order_id = d.order_id and l.line_no = d.line_no and l.gift`.execute(tx)
}

/**
 * Writes how many shares of gifts each order has by each rule. An order with 0 shares still counts toward the rule's limit `firstOrders`.
 */
export async function writeTimes(
  tx: Tx,
  rows: readonly { orderId: string; ruleId: string; times: number }[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update order_gift g set times = d.times
    from ${unnestRows('d', rows, [
      ['order_id', 'int8', (row) => row.orderId],
      ['rule_id', 'int8', (row) => row.ruleId],
      ['times', 'int4', (row) => row.times],
    ])}
    where g.order_id = d.order_id and g.rule_id = d.rule_id`.execute(tx)
}

/**
 * Disconnects the gifts of split orders from their rules: no order has all the goods that earned the gifts any more, so refunds do not
 * remove them.
 */
export async function looseGifts(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update order_gift set version = null where order_id = any(${[...ids]}::bigint[]) and version is not null`.execute(
    tx,
  )
}

export async function ordersWithGifts(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const found = await sql<TableRow<'order_line', 'orderId'>>`${preparedStatement}
    select distinct order_id as "orderId" from order_line
    where order_id = any(${[...ids]}::bigint[]) and gift and refunded_quantity < quantity`.execute(tx)
  return found.rows.map(({ orderId }) => orderId)
}

export type GivenBefore = TableRow<'order_gift', 'orderId' | 'ruleId' | 'times'> & {
  version: NonNullable<Rows['order_gift']['version']>
}

/** For each of these orders, returns the shares of gifts that it still has by each rule, and the version of the rule that gave them. */
export async function givenBefore(tx: Tx, ids: readonly string[]): Promise<GivenBefore[]> {
  const found = await sql<GivenBefore>`
    select order_id as "orderId", rule_id as "ruleId", version, times from order_gift
    where order_id = any(${[...ids]}::bigint[]) and times > 0 and version is not null
    order by order_id, rule_id`.execute(tx)
  return found.rows
}
