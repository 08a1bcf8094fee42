import { sql } from 'kysely'
import { skuNames } from '../../catalog/names.ts'
import { type Database, num } from '../../core/db/db.ts'
import type { RowFor } from '../../core/db/rows.ts'
import { orderCards } from '../../orders/view/cards.ts'
import type { InterceptView, PutBackView } from './aftersale-contract.ts'
import { askableCouriers } from './ask-courier.ts'
import { askableSql } from './intercept-queries.ts'

type Own = Omit<InterceptView, 'receiverMasked' | 'region' | 'quantity' | 'lineCount' | 'lines'>

export async function viewIntercepts(db: Database, ids: readonly string[]): Promise<InterceptView[]> {
  const found = await sql<RowFor<'intercept', Own>>`
    select t.id, t.delivery_id as "deliveryId", t.delivery_no as "deliveryNo", t.order_id as "orderId", t.order_no as "orderNo",
      t.tid, t.shop_id as "shopId", t.courier, t.waybill_no as "waybillNo", t.refund_no as "refundNo",
      t.amount_fen as "amountFen", t.deadline, t.way, t.state, t.note, t.created_at as "createdAt", t.created_by as "createdBy",
      t.asked_at as "askedAt", t.asked_by as "askedBy", t.ended_at as "endedAt", t.ended_by as "endedBy",
      t.return_id as "returnId", t.return_no as "returnNo", d.write_back as "writeBack",
      exists (select from intercept i join waybill w on w.waybill_no = i.waybill_no join waybill_account a on a.id = w.account_id
        where i.id = t.id and ${askableSql(askableCouriers())}) as askable
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join intercept t on t.id = i.id join delivery d on d.id = t.delivery_id order by i.n`.execute(db)
  const cards = await orderCards(
    db,
    found.rows.map(({ orderId }) => orderId),
  )
  return found.rows.flatMap((row) => {
    const card = cards.get(row.orderId)
    if (!card) return []
    const { receiverMasked, region, quantity, lineCount, lines } = card
    return [{ ...row, amountFen: num(row.amountFen), receiverMasked, region, quantity, lineCount, lines }]
  })
}

export async function viewPutBacks(db: Database, ids: readonly string[]): Promise<PutBackView[]> {
  const found = await sql<RowFor<'put_back', Omit<PutBackView, 'skuCode'>>>`
    select t.id, t.delivery_id as "deliveryId", t.delivery_no as "deliveryNo", t.order_id as "orderId", t.order_no as "orderNo",
      t.tid, t.shop_id as "shopId", t.warehouse_id as "warehouseId", t.courier, t.waybill_no as "waybillNo",
      t.sku_id as "skuId", t.title, t.spec, t.quantity, t.state, t.created_at as "createdAt", t.done_at as "doneAt",
      t.done_by as "doneBy"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join put_back t on t.id = i.id order by i.n`.execute(db)
  const names = await skuNames(
    db,
    found.rows.flatMap(({ skuId }) => (skuId === null ? [] : [skuId])),
  )
  return found.rows.map((row) => {
    const name = names.get(row.skuId ?? '')
    // The goods may be a component of a bundle. The name of the SKU is shown then, because the order line has the name of the bundle.
    return name ? { ...row, skuCode: name.code, title: name.name, spec: name.spec } : { ...row, skuCode: '' }
  })
}
