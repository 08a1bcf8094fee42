import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import type { ChangeInput } from '../parcels.ts'
import { changeWith, shippingWith } from '../shipping.ts'
import { change } from './client.ts'
import { courierNames } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { numbersWith } from './parcels.ts'
import { changeTracking } from './queries.ts'
import { tradeDetail } from './trades.ts'

/**
 * fulfillmentTrackingInfoUpdate, for each of the platform's parcels with the former waybill: goods at two places are two of them. One that has the new
 * waybill by an earlier try is left as it is.
 */
export async function changeWaybill(call: Call, input: ChangeInput): Promise<void> {
  const company = shippingWith(courierNames, input)
  const { tid, was, waybillNo } = input
  await changeWith(
    input,
    async () => {
      const ids = await numbersWith(call, tid, was.waybillNo)
      if (ids.length === 0)
        throw new PlatformError('rejected', 'not_done', 'The order has no parcel with the former waybill.')
      for (const id of ids)
        await change(call, changeTracking, {
          id,
          info: { company, number: waybillNo },
          notifyCustomer: true,
        })
    },
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, tid) },
  )
}
