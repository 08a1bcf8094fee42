import { waybillSources } from '../carriers/index.ts'
import type { Database } from '../core/db/db.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { orderCards } from '../orders/view/cards.ts'
import { platformsOf } from '../shops/platforms.ts'
import type { DeliveryView } from './contract.ts'
import { deliveryRows, type OwnFacts } from './view-queries.ts'
import { decideAccount } from './waybills/choose-account.ts'
import { accountTable, parcelsOfOrders } from './waybills/parcel-facts.ts'

export async function viewDeliveries(db: Database, ids: readonly string[]): Promise<DeliveryView[]> {
  const rows = await deliveryRows(db, ids)
  const orders = await orderCards(
    db,
    rows.map(({ orderId }) => orderId),
  )
  const platforms = await platformsOf(
    db,
    rows.map(({ shopId }) => shopId),
  )
  const refusals = await numberRefusals(db, rows)
  return rows.flatMap(({ labelled, ...row }) => {
    const order = orders.get(row.orderId)
    if (!order) return []
    const { receiverMasked, region, flag, sellerMemo, openHolds, holdReasons, lineCount, lines } = order
    const quantity = order.quantity - order.refundedQuantity
    const orderCourier = order.courier
    return [
      {
        ...row,
        numberRefusal: refusals.get(row.orderId) ?? null,
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

/** Returns, by order, why no account would give its delivery a number now. */
async function numberRefusals(
  db: Database,
  rows: readonly OwnFacts[],
): Promise<ReadonlyMap<string, LocalizedText>> {
  const waiting = rows.filter(
    ({ status, waybillNo, numberState }) =>
      status === 'pending' && waybillNo === '' && numberState !== 'asked',
  )
  if (waiting.length === 0) return new Map()
  return db.transaction().execute(async (tx) => {
    const table = await accountTable(tx)
    // Without accounts every waybill is typed by hand, so nothing is amiss.
    if (table.accounts.length === 0) return new Map()
    const parcels = await parcelsOfOrders(
      tx,
      waiting.map(({ orderId }) => orderId),
    )
    return new Map(
      parcels.flatMap((parcel) => {
        const { chosen } = decideAccount(table, parcel)
        return 'code' in chosen ? [[parcel.orderId, chosen.message] as const] : []
      }),
    )
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
