import type { Call } from '../connector.ts'
import { fieldsAt, idAt, isFields, listAt, longest, textAt } from '../fields.ts'
import type { ChangeInput } from '../parcels.ts'
import { changeWith, noFormerParcel, shippingWith } from '../shipping.ts'
import { sendToKuaishou } from './client.ts'
import { expressCodes } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { numberOf } from './fields.ts'
import { giftsIn } from './lines.ts'
import { orderOf } from './orders.ts'
import { tradeDetail } from './trades.ts'

/**
 * open.seller.order.logistics.update: a parcel is known by the number of its row (logisticsId) in the order, which is found by the former
 * waybill. A gift is an order of its own, with rows of its own.
 */
export async function changeWaybill(call: Call, input: ChangeInput): Promise<void> {
  const expressCode = Number(shippingWith(expressCodes, input))
  const { tid, was, waybillNo } = input
  await changeWith(
    input,
    async () => {
      const rows = await rowsOf(call, tid)
      const mine = rows.filter(({ no }) => no.toUpperCase() === was.waybillNo.toUpperCase())
      if (mine.length === 0) throw noFormerParcel()
      for (const { orderId, logisticsId } of mine)
        await sendToKuaishou(call, 'open.seller.order.logistics.update', {
          orderId: numberOf(orderId),
          logisticsId: numberOf(logisticsId),
          expressCode,
          expressNo: waybillNo,
        })
    },
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, tid) },
  )
}

type Row = { orderId: string; logisticsId: string; no: string }

async function rowsOf(call: Call, tid: string): Promise<Row[]> {
  const { order } = await orderOf(call, tid)
  const rowsIn = (orderId: string, shown: readonly unknown[]): Row[] =>
    shown.filter(isFields).map((row) => ({
      orderId,
      logisticsId: idAt(row, 'logisticsId'),
      no: textAt(row, 'expressNo', longest.word),
    }))
  const gifts = giftsIn(order, []).flatMap((gift) =>
    rowsIn(idAt(fieldsAt(gift, 'subOrderBaseInfo'), 'oid'), listAt(gift, 'subOrderLogisticsInfo', '')),
  )
  return [...rowsIn(tid, listAt(order, 'orderLogisticsInfo', '')), ...gifts].filter(
    ({ orderId, logisticsId }) => orderId !== '' && logisticsId !== '',
  )
}
