import { sql } from 'kysely'
import type { Refund } from '../../server/connectors/connector.ts'
import { systemActor, wholeScope } from '../../server/core/access/actor.ts'
import type { Database } from '../../server/core/db/db.ts'
import { convertRefunds } from '../../server/intake/refunds/convert-refunds.ts'
import { ingestRefunds } from '../../server/intake/refunds/ingest-refunds.ts'
import type { KeyRing } from '../../server/lib/seal.ts'
import { asksNothing } from '../../server/orders/gifts/gift-rules.ts'
import { saveGiftRules } from '../../server/orders/gifts/settings.ts'
import { mergeOrders } from '../../server/orders/merge/merge.ts'
import { splitOrders } from '../../server/orders/split/split.ts'
import { isChain } from './chain-trades.ts'

/** Shares of the orders, in percent. */
const shares = { refunded: 10, merged: 5, split: 3 } as const
/** Orders for each transaction. */
const bite = 500

type Order = {
  id: string
  tid: string
  oid: string
  lineNo: number
  quantity: number
  paymentFen: number
  place: number
}

/** Adds gift rules: from an amount, for each so many pieces, and for popular goods. */
export async function addGiftRules(db: Database): Promise<void> {
  const gift = (code: string) => [{ code, quantity: 1, instead: '' }]
  const rules = [
    { ...asksNothing, name: '满 300 元', minFen: 30_000, gifts: gift('S19998') },
    { ...asksNothing, name: '每满 3 件', perQuantity: 3, gifts: gift('S19999') },
    { ...asksNothing, name: '爆款', skus: ['S1', 'S3'], gifts: gift('S20000') },
  ]
  await db
    .transaction()
    .execute((tx) =>
      saveGiftRules(
        tx,
        { version: 0, rules },
        { actor: systemActor, scope: wholeScope, request: { ip: '', id: '' } },
      ),
    )
}

/**
 * Applies refunds, merges and splits to orders between conversion and shipping, with the verbs that platforms and users call. Returns the
 * last order's id.
 */
export async function disturb(db: Database, ring: KeyRing, shopId: string, after: string): Promise<string> {
  let last = after
  for (;;) {
    const orders = await nextOrders(db, shopId, last)
    if (orders.length === 0) return last
    last = orders.at(-1)?.id ?? last
    const from = (low: number, share: number) =>
      orders.filter(({ place }) => place >= low && place < low + share)
    await merge(db, shopId, from(0, shares.merged))
    await split(db, from(shares.merged, shares.split))
    await refund(db, ring, shopId, from(shares.merged + shares.split, shares.refunded))
  }
}

/** Returns the id of the last order. The run's orders have greater ids. */
export async function lastOrder(db: Database): Promise<string> {
  const found = await sql<{ id: string }>`select coalesce(max(id), 0)::text as id from sales_order`.execute(
    db,
  )
  return found.rows[0]?.id ?? '0'
}

/** Returns the next orders with their first line. `place`: the order's id modulo 100, which decides what happens to it. */
async function nextOrders(db: Database, shopId: string, after: string): Promise<Order[]> {
  const found = await sql<Order>`
    select o.id, o.tid, l.oid, l.line_no as "lineNo", l.quantity, l.payment_fen::float8 as "paymentFen", (o.id % 100)::int as place
    from (
      select id, tid from sales_order
      where shop_id = ${shopId}::bigint and id > ${after}::bigint and status in ('unconfirmed', 'confirmed') and ${isChain('tid')}
      order by id limit ${bite}
    ) o
    cross join lateral (select * from order_line where order_id = o.id order by line_no limit 1) l
    order by o.id`.execute(db)
  return found.rows
}

/** Gives neighbouring orders one receiver and one warehouse before merging, because few generated buyers order twice. */
async function merge(db: Database, shopId: string, orders: readonly Order[]): Promise<void> {
  const ids = orders.map(({ id }) => id)
  if (ids.length < 2) return
  await db.transaction().execute(async (tx) => {
    await sql`
      update sales_order o set receiver_hash = p.hash, receiver_masked = '王** 138****1234', region = '浙江 杭州'
      from (
        select id, (1000000 + min(id) over (partition by warehouse_id, (nth - 1) / 2)) % 2000000000 as hash
        from (select id, warehouse_id, row_number() over (partition by warehouse_id order by id) as nth
              from sales_order where id = any(${ids}::bigint[])) s
      ) p
      where o.id = p.id and o.shop_id = ${shopId}::bigint`.execute(tx)
    await mergeOrders(tx, ids, { actor: systemActor, scope: wholeScope })
  })
}

async function split(db: Database, orders: readonly Order[]): Promise<void> {
  if (orders.length === 0) return
  const wishes = orders.map(({ id, lineNo }) => ({
    id,
    cause: 'hand',
    parts: [{ lines: [{ lineNo, quantity: 1 }] }],
  }))
  await db.transaction().execute((tx) => splitOrders(tx, wishes, { actor: systemActor, scope: wholeScope }))
}

/**
 * Half of the refunds are open applications for the whole line. A quarter repaid half of the line's money without goods; a quarter repaid
 * the whole line.
 */
async function refund(db: Database, ring: KeyRing, shopId: string, orders: readonly Order[]): Promise<void> {
  if (orders.length === 0) return
  const now = new Date()
  const refunds = orders.map(
    (order, at): Refund => ({
      kind: 'refund',
      refundId: `8${order.tid}`,
      tid: order.tid,
      oid: order.oid,
      refundKind: 'refund_only',
      phase: 'onsale',
      status: at % 2 === 0 ? 'applied' : 'succeeded',
      platformStatus: at % 2 === 0 ? 'WAIT_SELLER_AGREE' : 'SUCCESS',
      version: '1',
      amountFen: at % 4 === 1 ? Math.floor(order.paymentFen / 2) : order.paymentFen,
      quantity: at % 4 === 1 ? 0 : order.quantity,
      title: '',
      spec: '',
      outerId: '',
      reason: '多拍',
      description: '',
      goodsReceived: 'not_received',
      carrier: '',
      waybillNo: '',
      createdAt: now,
      modifiedAt: now,
      deadline: null,
      buyerNick: '',
      constraint: '',
    }),
  )
  const arrived = refunds.map((one) => ({ refund: one, raw: '{}', detailMissing: false }))
  await db.transaction().execute((tx) => ingestRefunds(tx, ring, { shopId, arrived }, systemActor))
  const staged = await sql<{ id: string }>`
    select id from staged_refund where refund_no = any(${refunds.map(({ refundId }) => refundId)}::text[]) and shop_id = ${shopId}::bigint`.execute(
    db,
  )
  await db.transaction().execute((tx) =>
    convertRefunds(
      tx,
      staged.rows.map(({ id }) => id),
      { actor: systemActor, scope: wholeScope },
    ),
  )
}
