import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { entryOf } from '../fields.ts'
import type { ChangeInput } from '../parcels.ts'
import { changeWith, shippingWith } from '../shipping.ts'
import { callApi } from './client.ts'
import { deliveryIds } from './couriers.ts'
import { changeFailureOf } from './errors.ts'
import { piecesOf } from './ship.ts'
import { tradeDetail } from './trades.ts'
import { changedOrder } from './unverified.ts'

/** order/deliveryinfo/update with change_infos: one parcel, named by its former courier, waybill and pieces. */
export async function changeWaybill(call: Call, input: ChangeInput): Promise<void> {
  const delivery_id = shippingWith(deliveryIds, input)
  const { tid, was, waybillNo } = input
  const product_infos = piecesOf(input)
  const former = entryOf<string | undefined>(deliveryIds, was.carrier)
  if (former === undefined)
    throw new PlatformError('rejected', 'parameter', 'The former courier is none of the platform.')
  const change = {
    old: { delivery_id: former, waybill_id: was.waybillNo, product_infos },
    new: { delivery_id, waybill_id: waybillNo, product_infos },
  }
  await changeWith(
    input,
    () => callApi(call, 'order/deliveryinfo/update', { order_id: changedOrder(tid), change_infos: [change] }),
    { meaningOf: changeFailureOf, look: () => tradeDetail(call, tid) },
  )
}
