import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { reserve } from '../../inventory/reserve.ts'
import { refreshAllocation } from '../../orders/allocation/goods.ts'
import { anOrder } from '../../testing/orders.ts'
import { must } from '../../testing/run.ts'
import { deliveryOf, packer } from '../../testing/shipping.ts'
import { putStock } from '../../testing/stock.ts'
import { releaseOrders } from '../shipping/release.ts'

export type WaitingInput = {
  shopId: string
  warehouseId: string
  /** SKUs with their pieces, a line for each. */
  goods: readonly (readonly [skuId: string, quantity: number])[]
  courier?: string
  region?: string
  /** Hours until its deadline; undefined: none. */
  hours?: number
}

/** Makes a released order with these goods, which are put on the shelf before. Returns its delivery, which waits for a wave. */
export async function aWaitingDelivery(
  db: Database,
  { shopId, warehouseId, goods, courier = 'YTO', region = '浙江省 杭州市', hours }: WaitingInput,
): Promise<{ id: string; orderId: string; no: string }> {
  const lines = goods.map(([, quantity], at) => ({ oid: `o${at + 1}`, quantity, paymentFen: 1000 }))
  const order = await anOrder(db, { shopId, status: 'confirmed', lines })
  for (const [at, [skuId, quantity]] of goods.entries()) {
    await putStock(db, warehouseId, skuId, quantity)
    await sql`update order_line set sku_id = ${skuId} where order_id = ${order.id} and line_no = ${at + 1}`.execute(
      db,
    )
  }
  const shipBy = hours === undefined ? null : new Date(Date.now() + hours * 3_600_000)
  await sql`
    update sales_order set warehouse_id = ${warehouseId}, courier = ${courier}, region = ${region}, ship_by = ${shipBy}
    where id = ${order.id}`.execute(db)
  const demands = goods.map(([skuId, quantity], at) => ({
    ...{ orderId: order.id, lineNo: at + 1, skuId, warehouseId, quantity, paidAt: new Date() },
  }))
  await db.transaction().execute(async (tx) => {
    await reserve(tx, demands)
    await refreshAllocation(tx, [order.id])
  })
  must(
    await db
      .transaction()
      .execute((tx) => releaseOrders(tx, [order.id], { actor: packer, scope: wholeScope })),
  )
  return { id: await deliveryOf(db, order.id), orderId: order.id, no: order.no }
}

/** Makes bins `A-01`, `A-02` … along the route, each the main bin of one of these SKUs. */
export async function placeGoods(
  db: Database,
  warehouseId: string,
  skuIds: readonly string[],
): Promise<void> {
  await sql`
    with made as (
      insert into bin (warehouse_id, code, route, created_by)
      select ${warehouseId}::bigint, 'A-' || lpad(n::text, 2, '0'), 10 * n, '周强' from unnest(${[...skuIds]}::bigint[]) with ordinality s (id, n)
      returning id, route
    )
    insert into sku_bin (warehouse_id, sku_id, main_bin_id)
    select ${warehouseId}::bigint, s.id, made.id
    from unnest(${[...skuIds]}::bigint[]) with ordinality s (id, n) join made on made.route = 10 * n`.execute(
    db,
  )
}
