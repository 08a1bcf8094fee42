import { waybillSources } from '../carriers/index.ts'
import type { Database } from '../core/db/db.ts'
import { orderCards } from '../orders/view/cards.ts'
import { platformsOf } from '../shops/platforms.ts'
import type { DeliveryView, PlainDelivery } from './contract.ts'
import { deliveryRows } from './view-queries.ts'

export async function viewDeliveries(db: Database, ids: readonly string[]): Promise<PlainDelivery[]> {
  const rows = await deliveryRows(db, ids)
  const orders = await orderCards(
    db,
    rows.map(({ orderId }) => orderId),
  )
  const platforms = await platformsOf(
    db,
    rows.map(({ shopId }) => shopId),
  )
  return rows.flatMap(({ labelled, ...row }) => {
    const order = orders.get(row.orderId)
    if (!order) return []
    const { receiverMasked, region, flag, sellerMemo, openHolds, holdReasons, lineCount, lines } = order
    const quantity = order.quantity - order.refundedQuantity
    const orderCourier = order.courier
    return [
      {
        ...row,
        label: labelOf(row, labelled, platforms.get(row.shopId) ?? ''),
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

function labelOf(
  { waybillNo, tid }: Pick<DeliveryView, 'waybillNo' | 'tid'>,
  labelled: boolean,
  platform: string,
): DeliveryView['label'] {
  if (waybillNo !== '') return labelled ? 'taken' : 'typed'
  // The receiver of an order of ours is in plain text, which a source of no platform prints too.
  return tid === '' || waybillSources.some(({ platforms }) => platforms.includes(platform))
    ? 'to_take'
    : 'elsewhere'
}
