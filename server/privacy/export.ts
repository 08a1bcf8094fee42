import { sql } from 'kysely'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { type KeyRing, unseal } from '../lib/seal.ts'
import { personalOf } from '../orders/order/personal.ts'
import type { TradeKey } from '../shops/erased.ts'
import { asRelation, ordersOf } from './documents.ts'

/** Trades that are read at a time, so that a file of any size needs little memory. */
const slice = 100

type Sealed = Row<'sales_order', 'shopId' | 'personal'>
type RawRow = Row<'raw_payload', 'kind' | 'platformId' | 'shopId' | 'sealed'>

/**
 * The file that is handed to a buyer: JSON with their trades, orders, refunds and returns, the changes of their texts, our notes, their entries of the
 * blacklist, and the platforms' own texts, in clear. `searched`: the text by which they were found.
 */
export async function* buyerFile(
  db: Database,
  ring: KeyRing,
  found: readonly TradeKey[],
  searched: string,
): AsyncGenerator<string> {
  const now = await sql<Record<'madeAt', Date>>`select now() as "madeAt"`.execute(db)
  yield `{"searched":${JSON.stringify(searched)},"madeAt":${JSON.stringify(now.rows[0]?.madeAt)},"documents":[`
  for (let at = 0; at < found.length; at += slice) {
    const keys = found.slice(at, at + slice)
    const texts = (await documentsOf(db, ring, keys)).map((document) => JSON.stringify(document))
    yield `${at === 0 ? '' : ','}\n${texts.join(',\n')}`
  }
  yield '\n]}\n'
}

async function documentsOf(db: Database, ring: KeyRing, keys: readonly TradeKey[]): Promise<object[]> {
  const inClear = <R extends Sealed>({ personal, ...row }: R) => ({
    ...row,
    ...(personal ? { buyer: personalOf(ring, row.shopId, personal) } : {}),
  })
  const trades = await sql<Sealed>`
    select 'trade' as document, t.tid, t.shop_id as "shopId", s.name as shop, s.platform, t.status, t.ordered_at as "orderedAt",
      t.paid_at as "paidAt", t.payment_fen as "paymentFen", t.buyer_message as "buyerMessage", t.seller_memo as "sellerMemo",
      t.region, g.lines, t.personal
    from ${asRelation(keys)} join staged_trade t using (tid, shop_id) join shop s on s.id = t.shop_id
    left join staged_trade_lines g on g.trade_id = t.id`.execute(db)
  const orders = await sql<Sealed>`
    select 'order' as document, o.no, o.tid, o.shop_id as "shopId", o.status, o.created_at as "createdAt", o.payment_fen as "paymentFen",
      o.buyer_message as "buyerMessage", o.seller_memo as "sellerMemo", o.own_note as "ownNote", o.region,
      (select jsonb_agg(jsonb_build_object('title', l.title, 'spec', l.spec, 'quantity', l.quantity) order by l.line_no)
        from order_line l where l.order_id = o.id) as lines,
      (select jsonb_agg(jsonb_build_object('no', v.no, 'courier', v.courier, 'waybillNo', v.waybill_no, 'shippedAt', v.shipped_at))
        from delivery v where v.order_id = o.id) as deliveries,
      o.personal
    from sales_order o where o.id = any(array(select id from (${ordersOf(keys)}) found))`.execute(db)
  const refunds = await sql<Sealed>`
    select 'refund' as document, r.refund_no as "refundNo", r.tid, r.shop_id as "shopId", r.status, r.kind, r.amount_fen as "amountFen",
      r.buyer_reason as "buyerReason", r.description, r.created_on_platform as "createdAt", r.personal
    from ${asRelation(keys)} join staged_refund r using (tid, shop_id)`.execute(db)
  return [
    ...[...trades.rows, ...orders.rows, ...refunds.rows].map(inClear),
    ...(await besideOrders(db, keys)).map(({ facts, ...row }) => ({ ...facts, ...inClear(row) })),
    ...(await rawOf(db, ring, keys)),
  ]
}

type Beside = Sealed & Record<'facts', Record<'document', string>>

/** Changes of the buyer's texts, returns, notes and entries of the blacklist, by their orders. */
async function besideOrders(db: Database, keys: readonly TradeKey[]): Promise<Beside[]> {
  const found = await sql<Beside>`
    with o as (select id, no, shop_id from sales_order where id = any(array(select id from (${ordersOf(keys)}) found)))
    select o.shop_id as "shopId", c.personal, jsonb_build_object('document', 'change', 'orderNo', o.no, 'of', c.kind, 'before', c.old_value,
      'after', c.new_value, 'seenAt', c.seen_at) as facts
    from o join order_difference c on c.order_id = o.id where c.kind in ('memo', 'message', 'address')
    union all
    select r.shop_id, null, jsonb_build_object('document', 'return', 'no', r.no, 'orderNo', o.no, 'of', r.kind, 'status', r.status,
      'reason', r.reason, 'createdAt', r.created_at)
    from o join return_order r on r.order_id = o.id
    union all
    select o.shop_id, null, jsonb_build_object('document', 'note', 'orderNo', o.no, 'of', h.reason, 'text', h.note, 'at', h.held_at)
    from o join order_hold h on h.order_id = o.id where h.note <> ''
    union all
    select o.shop_id, null, jsonb_build_object('document', 'blacklist', 'orderNo', o.no, 'of', b.kind, 'reason', b.reason, 'until', b.until,
      'createdAt', b.created_at)
    from o join blacklist_entry b on b.order_id = o.id`.execute(db)
  return found.rows
}

/** The platforms' own texts of the trades and refunds. */
async function rawOf(db: Database, ring: KeyRing, keys: readonly TradeKey[]): Promise<object[]> {
  const found = await sql<RawRow>`
    select p.kind, p.platform_id as "platformId", p.shop_id as "shopId", p.sealed
    from ${asRelation(keys)} join raw_payload p on p.platform_id = d.tid and p.shop_id = d.shop_id and p.kind = 'trade'
    union all
    select p.kind, p.platform_id, p.shop_id, p.sealed
    from ${asRelation(keys)} join staged_refund r using (tid, shop_id)
    join raw_payload p on p.platform_id = r.refund_no and p.shop_id = r.shop_id and p.kind = 'refund'`.execute(
    db,
  )
  return found.rows.map(({ sealed, kind, platformId, shopId }) => ({
    ...{ document: 'platform text', of: kind, number: platformId, shopId },
    text: unseal(ring, shopId, sealed).toString('utf8'),
  }))
}
