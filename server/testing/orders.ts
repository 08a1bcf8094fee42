import { sql } from 'kysely'
import { systemActor } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { facet, idFacet } from '../lib/facets.ts'
import { reserveOrders } from '../orders/allocation/goods.ts'
import { acceptOrders } from '../orders/create/accept.ts'
import { allocationFacet, statusFacet } from '../orders/order/facets.ts'
import type { OrderStatus } from '../orders/order/lifecycle.ts'
import type { RefundVersion } from '../orders/refunds/refunds.ts'

let made = 0

export async function aShop(db: Database): Promise<string> {
  made += 1
  const shop = await sql<{ id: string }>`
    insert into shop (platform, variant, name) values ('taobao', 'taobao', ${`店 ${made}`}) returning id`.execute(
    db,
  )
  return shop.rows[0]?.id ?? ''
}

/** Matches the shop's only item, i1 with platform SKU s1, with a SKU. Returns the SKU's id. */
export async function matchGoods(db: Database, shopId: string): Promise<string> {
  const code = `OF-SHOP-${shopId}`
  const sku = await sql<{ id: string }>`
    with product as (
      insert into product (code, name) values (${code}, '四件套') on conflict (code) do update set name = excluded.name returning id
    ), sku as (
      insert into sku (code, product_id, spec, words) select ${code}, id, '雾蓝', '' from product
      on conflict (code) do update set spec = excluded.spec returning id
    ), listing as (
      insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
      select ${shopId}, 'i1', 's1', 'on_sale', now(), id, 'hand' from sku
      on conflict do nothing
    )
    select id from sku`.execute(db)
  return sku.rows[0]?.id ?? ''
}

type LineInput = { oid: string; quantity: number; paymentFen: number }
export type OrderInput = {
  shopId: string
  tid?: string
  origin?: 'trade' | 'record'
  status?: OrderStatus
  lines?: readonly LineInput[]
  postFeeFen?: number
  paid?: boolean
  cod?: boolean
  whole?: boolean
  personal?: Buffer
  /** The hash of the receiver. Orders with the same hash have the same receiver. Undefined: the order has a receiver of its own. */
  receiverHash?: number
  /** False: the listing of the goods is not matched with a SKU. */
  matched?: boolean
}

/**
 * Makes a sales order as converting does, and moves it to the status; its goods are reserved. By default two lines of 60 and 40 yuan, paid.
 */
export async function anOrder(
  db: Database,
  input: OrderInput,
): Promise<{ id: string; no: string; tid: string }> {
  const { shopId, status = 'unconfirmed', matched = true } = input
  if (matched) await matchGoods(db, shopId)
  const { row, born } = tradeRow(input)
  const [order] = await db.transaction().execute((tx) => acceptOrders(tx, row, systemActor))
  if (!order) throw new Error('the trade has an order already')
  if (status !== born) {
    await sql`
      update sales_order set status = ${status}, facets[1] = ${statusFacet(status)}::int, facets[5] = ${allocationFacet(0)}::int
      where id = ${order.id}`.execute(db)
  }
  return order
}

/** Makes this many unconfirmed orders at once, whose goods are matched. */
export async function manyOrders(
  db: Database,
  input: Omit<OrderInput, 'tid' | 'status' | 'matched'>,
  count: number,
): Promise<{ id: string; no: string; tid: string }[]> {
  await matchGoods(db, input.shopId)
  const rows = Array.from({ length: count }, () => tradeRow(input).row)
  return db
    .transaction()
    .execute((tx) => acceptOrders(tx, sql`${sql.join(rows, sql` union all `)}`, systemActor))
}

/** Returns the trade as a relation of one row, and the status that its order begins with. */
function tradeRow(input: OrderInput) {
  made += 1
  const {
    shopId,
    tid = `t${made}`,
    origin = 'trade',
    status = 'unconfirmed',
    postFeeFen = 0,
    paid = true,
    cod = false,
  } = input
  const lines = (
    input.lines ?? [
      { oid: 'o1', quantity: 2, paymentFen: 6000 },
      { oid: 'o2', quantity: 1, paymentFen: 4000 },
    ]
  ).map(toTradeLine)
  const born = status === 'shipped' || status === 'completed' ? status : 'unconfirmed'
  const facets = [idFacet('shop', shopId), facet('flag', 0)]
  const row = sql`
    select ${shopId}::bigint as shop_id, ${tid}::text as tid, ${born}::text as status, ${origin}::text as origin, ${cod}::boolean as cod,
      ${postFeeFen}::bigint as post_fee_fen, 0::bigint as subsidy_fen, ${paid ? new Date() : null}::timestamptz as paid_at,
      now() as ordered_at, null::timestamptz as ship_by, 0::smallint as flag, ${facets}::int[] as facets, ${input.whole ?? true}::boolean as whole, '{}'::bigint[] as people, ''::text as buyer_message,
      ''::text as seller_memo, '王** 138****1234'::text as receiver_masked, ${input.receiverHash ?? made}::int as receiver_hash, '浙江 杭州'::text as region,
      ${input.personal ?? null}::bytea as personal, ${JSON.stringify(lines)}::jsonb as lines`
  return { row, born }
}

function toTradeLine({ oid, quantity, paymentFen }: LineInput) {
  return {
    oid,
    quantity,
    paymentFen,
    itemId: 'i1',
    skuId: 's1',
    outerItemId: 'A1',
    outerSkuId: 'A1-1',
    title: '四件套',
    spec: '雾蓝',
    pictureUrl: '',
    priceFen: Math.round(paymentFen / quantity),
    discountFen: 0,
  }
}

const start = new Date('2026-11-24T12:00:00+08:00').getTime()

/** Makes a refund version. `at`: its modified time in seconds after a fixed start. */
export function aRefund(
  input: Partial<RefundVersion> & { shopId: string; tid: string; at?: number },
): RefundVersion {
  const { at = 0, ...given } = input
  return {
    refundNo: 'r1',
    oid: '',
    kind: 'refund_only',
    phase: 'onsale',
    status: 'applied',
    version: String(start + at * 1000),
    modifiedAt: new Date(start + at * 1000),
    amountFen: 0,
    quantity: 0,
    goodsReceived: 'not_received',
    ...given,
  }
}

export type OrderState = {
  status: string
  version: number
  refundedFen: number
  openHolds: number
  facets: number[]
  voidReason: string
  lines: { oid: string; fen: number; quantity: number }[]
  holds: { reason: string; source: string }[]
  /** The settlements of the order's refunds and extra refunds, as positive amounts that are paid back. */
  facts: { kind: string; fen: number; source: string }[]
  /** The settlements of the order itself: "order_receipt 10000 draft". */
  ownSettlements: string[]
  events: string[]
}

/** Returns everything about an order that a verb could change. It uses its own SQL and none of the code under test. */
export async function orderState(db: Database, id: string): Promise<OrderState> {
  const found = await sql<OrderState>`
    select status, version, refunded_fen::int as "refundedFen", open_holds as "openHolds", facets[1:4] as facets, void_reason as "voidReason",
      (select jsonb_agg(jsonb_build_object('oid', oid, 'fen', refunded_fen, 'quantity', refunded_quantity) order by line_no)
       from order_line where order_id = o.id) as lines,
      (select coalesce(jsonb_agg(jsonb_build_object('reason', reason, 'source', source) order by reason, source), '[]')
       from order_hold where order_id = o.id and released_at is null) as holds,
      (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'fen', 0 - amount_fen, 'source', source) order by source, id), '[]')
       from settlement where order_id = o.id and source <> o.no and status <> 'voided') as facts,
      (select coalesce(jsonb_agg(kind || ' ' || amount_fen || ' ' || status order by id), '[]')
       from settlement where order_id = o.id and source = o.no) as "ownSettlements",
      (select coalesce(jsonb_agg(event order by id), '[]') from order_event where order_id = o.id) as events
    from sales_order o where id = ${id}`.execute(db)
  const state = found.rows[0]
  if (!state) throw new Error(`no order ${id}`)
  return state
}

let receivers = 100_000
/** Returns a receiver hash that no other order has. */
export const aReceiver = () => {
  receivers += 1
  return receivers
}

/** Makes an order and reserves its goods, as far as they are available. */
export async function aReservedOrder(db: Database, input: Parameters<typeof anOrder>[1]) {
  const made = await anOrder(db, input)
  await db.transaction().execute((tx) => reserveOrders(tx, [made.id]))
  return made
}
