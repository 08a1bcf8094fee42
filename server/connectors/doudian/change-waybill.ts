import type { Call } from '../connector.ts'
import { fieldsAt } from '../fields.ts'
import type { ChangeInput } from '../parcels.ts'
import { changeWith, noFormerParcel, shippingWith } from '../shipping.ts'
import { callFxg } from './client.ts'
import { companyCodes } from './couriers.ts'
import { isNoOrder, shipFailureOf } from './errors.ts'
import { parcelsOf } from './parcels.ts'
import { tradeDetail } from './trades.ts'
import { packIdOf } from './unverified.ts'

/** order/logisticsEdit for an order that is one parcel; order/logisticsEditByPack for one of several, which is known by its former waybill. */
export async function changeWaybill(call: Call, input: ChangeInput): Promise<void> {
  const company = shippingWith(companyCodes, input)
  const { tid, was, waybillNo } = input
  await changeWith(
    input,
    async () => {
      const { body } = await callFxg(call, 'order/orderDetail', { shop_order_id: tid })
      const parcels = parcelsOf(fieldsAt(fieldsAt(body, 'data'), 'shop_order_detail'))
      const parcel = parcels.find((one) => one.waybillNo.toUpperCase() === was.waybillNo.toUpperCase())
      if (!parcel) throw noFormerParcel()
      const next = { order_id: tid, company_code: company, logistics_code: waybillNo }
      if (parcels.length === 1) await callFxg(call, 'order/logisticsEdit', next)
      else await callFxg(call, 'order/logisticsEditByPack', { ...next, pack_id: packIdOf(parcel) })
    },
    {
      meaningOf: (error) => (isNoOrder(error) ? 'other' : shipFailureOf(error)),
      look: () => tradeDetail(call, tid),
    },
  )
}
