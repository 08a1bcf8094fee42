import type { Call } from '../connector.ts'
import type { ChangeInput } from '../parcels.ts'
import { changeWith, noFormerParcel, shippingWith } from '../shipping.ts'
import { askXiaohongshu } from './client.ts'
import { companyCodes } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { parcelsIn } from './lines.ts'
import { orderOf } from './orders.ts'
import { orderDetail } from './trades.ts'

/** order.modifyOrderExpressInfo: a parcel is known by its place in the order, which is found by the former waybill; an order without a list of parcels left whole. */
export async function changeWaybill(call: Call, input: ChangeInput): Promise<void> {
  const expressCompanyCode = shippingWith(companyCodes, input)
  const { tid, was, waybillNo } = input
  await changeWith(
    input,
    async () => {
      const { order } = await orderOf(call, tid)
      const parcels = parcelsIn(order)
      const parcel = parcels.find((one) => one.waybillNo.toUpperCase() === was.waybillNo.toUpperCase())
      if (parcels.length > 0 && !parcel) throw noFormerParcel()
      await askXiaohongshu(call, 'order.modifyOrderExpressInfo', {
        orderId: tid,
        expressNo: waybillNo,
        expressCompanyCode,
        deliveryOrderIndex: parcel?.index ?? undefined,
      })
    },
    { meaningOf: shipFailureOf, look: () => orderDetail(call, tid) },
  )
}
