import type { Database } from '../core/db/db.ts'
import { orderCards } from '../orders/view/cards.ts'
import type { DeliveryView } from './contract.ts'
import { deliveryRows } from './view-queries.ts'

export async function viewDeliveries(db: Database, ids: readonly string[]): Promise<DeliveryView[]> {
  const rows = await deliveryRows(db, ids)
  const orders = await orderCards(
    db,
    rows.map(({ orderId }) => orderId),
  )
  return rows.flatMap((row) => {
    const order = orders.get(row.orderId)
    if (!order) return []
    const { receiverMasked, region, flag, sellerMemo, openHolds, holdReasons, lineCount, lines } = order
    const quantity = order.quantity - order.refundedQuantity
    const orderCourier = order.courier
    return [
      {
        ...row,
        orderCourier,
        flag,
        sellerMemo,
        receiverMasked,
        region,
        quantity,
        openHolds,
        holdReasons,
        lineCount,
        lines,
      },
    ]
  })
}
