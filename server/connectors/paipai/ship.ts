import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import type { ShipInput } from '../parcels.ts'
import { isWhole, shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { callPaipai, sellerOf } from './client.ts'
import { logisticsNames } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { tradeDetail } from './trades.ts'
import { arriveDays } from './unverified.ts'

/**
 * deal/sellerConsignDealItem ships whole deals only; the platform refuses one that is paid at the door. If lines are named, the deal is
 * requested first to check that they are all its lines.
 */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const logisticsName = shippingWith(logisticsNames, input)
  const { tid, oids, waybillNo } = input
  if (oids.length > 0 && !isWhole(await tradeDetail(call, tid), oids))
    throw new PlatformError('rejected', 'parameter', 'This platform ships whole deals only.')
  await shipWith(
    input,
    () =>
      callPaipai(call, 'deal/sellerConsignDealItem', {
        ...sellerOf(call),
        dealCode: tid,
        logisticsName,
        logisticsCode: waybillNo,
        arriveDays,
      }),
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, tid) },
  )
}

export const shipped = shippedBy(tradeDetail)
